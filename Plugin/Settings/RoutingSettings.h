// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Settings
{
  // Section "Routing.CeT1w": of the series that masks and data sets of a T1 after a contrast agent are of.
  struct EnhancedT1Settings
  {
    double echoTimeMaximumMs = 25;          // 0..10000
    double repetitionTimeMaximumMs = 3500;  // 0..600000
    double inversionTimeMinimumMs = 300;    // 0..100000; below: STIR

    bool operator==(const EnhancedT1Settings&) const = default;
  };

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
    EnhancedT1Settings enhancedT1;

    // Words added to the built-in lists of Routing::RoutingWords.
    std::vector<std::string> headWords;
    std::vector<std::string> otherBodyPartWords;
    std::vector<std::string> localizerWords;
    std::vector<std::string> otherContrastWords;
    std::vector<std::string> t2Words;
    std::vector<std::string> t1Words;
    std::vector<std::string> contrastAgentWords;
    std::vector<std::string> noContrastAgentWords;
    std::vector<std::string> phantomWords;

    bool operator==(const RoutingSettings&) const = default;
  };
}
