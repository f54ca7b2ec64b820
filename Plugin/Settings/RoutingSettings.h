// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Settings
{
  // Section "Routing": same names and meaning as Routing::RoutingRules.
  struct RoutingSettings
  {
    double orientationToleranceDegrees = 30;  // 0..45
    double echoTimeMinimumMs = 70;            // 0..10000
    double echoTimeMaximumMs = 500;
    double repetitionTimeMinimumMs = 1800;  // 0..600000
    double repetitionTimeMaximumMs = 30000;
    double inversionTimeMaximumMs = 0;
    double diffusionBValueMaximum = 0;  // s/mm2
    bool allowDerived = true;

    // Words added to the built-in lists of Routing::RoutingWords.
    std::vector<std::string> headWords;
    std::vector<std::string> otherBodyPartWords;
    std::vector<std::string> localizerWords;
    std::vector<std::string> otherContrastWords;
    std::vector<std::string> t2Words;
    std::vector<std::string> t1Words;
    std::vector<std::string> phantomWords;

    bool operator==(const RoutingSettings&) const = default;
  };
}
