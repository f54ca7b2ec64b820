// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Routing
{
  // One line of a verdict, in words for a person: what was wanted, what the header says, whether that will do.
  struct RoutingCriterion
  {
    std::string name;    // snake_case, stable: "echo_time"
    std::string seen;    // "91 ms"; "absent" when the header says nothing
    std::string wanted;  // "70 to 500 ms"
    bool passed = false;
    bool isBinding = false;  // where it fails nothing can be computed, whoever wants the series
  };

  inline constexpr bool BINDING = true;

  // The verdict on one series. Every criterion is carried, passed or not; `reasons` repeats those that failed, but for
  // what a person's choice has overruled.
  struct RoutingDecision
  {
    bool accepted = false;
    std::vector<std::string> reasons;
    std::vector<RoutingCriterion> criteria;
    std::vector<std::string> overruled{};
  };
}
