// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/CsvWriter.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace H3K27M::Labels
{
  namespace
  {
    // The last four: full-width = + - @ (U+FF1D, U+FF0B, U+FF0D, U+FF20).
    constexpr std::array<std::string_view, 10> STARTS = {
      "=", "+", "-", "@", "\t", "\r", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};

    // A formula, or one behind apostrophes.
    bool IsFormula(std::string_view text)
    {
      text.remove_prefix(std::min(text.find_first_not_of('\''), text.size()));
      return std::any_of(STARTS.begin(), STARTS.end(),
                         [text](std::string_view start) { return text.substr(0, start.size()) == start; });
    }

    std::string Quote(const std::string& text)
    {
      // Semicolons and blanks at the ends too: some programs part fields there, or drop them.
      const bool isPlain = text.find_first_of(",;\"\r\n\t") == std::string::npos &&
                           (text.empty() || (text.front() != ' ' && text.back() != ' '));

      if (isPlain)
      {
        return text;
      }

      std::string quoted = "\"";

      for (const char c : text)
      {
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
      }

      return quoted + "\"";
    }
  }

  std::string GuardFormula(const std::string& text)
  {
    return IsFormula(text) ? "'" + text : text;
  }

  std::string RemoveFormulaGuard(const std::string& text)
  {
    return !text.empty() && text.front() == '\'' && IsFormula(std::string_view(text).substr(1)) ? text.substr(1) : text;
  }

  void AppendCsvRecord(std::string& target, const std::vector<std::string>& fields)
  {
    const char* separator = "";

    for (const std::string& field : fields)
    {
      target += separator + Quote(GuardFormula(field));
      separator = ",";
    }

    target += "\r\n";
  }
}
