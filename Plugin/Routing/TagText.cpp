// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/TagText.h"

#include <algorithm>

namespace H3K27M::Routing
{
  std::string JoinValues(const std::vector<std::string>& values)
  {
    std::string joined;
    for (const std::string& value : values)
    {
      joined += (joined.empty() ? "" : "\\") + value;
    }
    return joined;
  }

  std::string OrAbsent(const std::string& text)
  {
    return text.empty() ? "absent" : text;
  }

  std::string FindAny(const std::vector<std::string>& values, std::initializer_list<std::string_view> wanted)
  {
    const auto found = std::find_if(values.begin(), values.end(), [&wanted](const std::string& value)
    { return std::find(wanted.begin(), wanted.end(), value) != wanted.end(); });
    return found == values.end() ? std::string() : *found;
  }

  bool IsYes(const std::string& value)
  {
    return !value.empty() && value != "NO" && value != "NONE" && value != "N";
  }

  void Evidence::Add(bool isAgainst, const std::string& text)
  {
    if (isAgainst)
    {
      text_ += (text_.empty() ? "" : ", ") + text;
    }
  }

  void Evidence::AddValue(const char* tag, const std::string& value)
  {
    Add(!value.empty(), std::string(tag) + " " + value);
  }

  RoutingCriterion Evidence::Make(const char* name, const char* wanted) const
  {
    return RoutingCriterion{name, text_.empty() ? "nothing of it" : text_, wanted, text_.empty()};
  }
}
