// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Routing/RoutingDecision.h"
#include "Plugin/Support/NumberText.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Routing
{
  using Support::PrintNumber;

  // How criteria say what a header holds: "ORIGINAL\PRIMARY", "absent".
  std::string JoinValues(const std::vector<std::string>& values);
  std::string OrAbsent(const std::string& text);

  // The first of `values` that is one of `wanted`, or an empty string.
  std::string FindAny(const std::vector<std::string>& values, std::initializer_list<std::string_view> wanted);

  // Whether a text that says yes, no or what, says anything but no: "YES", "PARTIAL".
  bool IsYes(const std::string& value);

  // Evidence against a series, gathered from several tags: the criterion passes while there is none.
  class Evidence
  {
  public:
    void Add(bool isAgainst, const std::string& text);

    // Against, unless `value` is empty.
    void AddValue(const char* tag, const std::string& value);

    RoutingCriterion Make(const char* name, const char* wanted) const;

  private:
    std::string text_;
  };
}
