// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/QueryText.h"

namespace H3K27M::Rest
{
  std::int64_t ParseId(const std::string& what, const std::string& text)
  {
    std::int64_t id = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), id);

    if (fault != std::errc() || end != text.data() + text.size())
    {
      throw Error(ErrorCode::NotFound, "There is no " + what + " '" + text + "'");
    }

    return id;
  }

  void RequireLimit(std::size_t limit, std::size_t most)
  {
    if (limit == 0 || limit > most)
    {
      throw Error(ErrorCode::BadInput, "Query parameter 'limit' must be 1 to " + std::to_string(most));
    }
  }

  std::optional<std::string> ParseSeen(const std::string& text)
  {
    return text.empty() ? std::nullopt : std::optional<std::string>(text == "none" ? std::string() : text);
  }

  bool ParseQueryFlag(const std::string& name, const std::string& text)
  {
    if (text == "true" || text == "1" || text.empty())
    {
      return true;
    }

    if (text == "false" || text == "0")
    {
      return false;
    }

    throw Error(ErrorCode::BadInput, "Query parameter '" + name + "' must be true or false");
  }
}
