// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Pipeline/HandChoice.h"
#include "Plugin/Results/SrWriter.h"
#include "Plugin/Routing/RoutingRules.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace H3K27M::Pipeline
{
  // What the path from a study to its result is configured with; plain values, fixed once the plugin runs.
  struct TriageOptions
  {
    Routing::RoutingRules routing;
    Routing::RoutingRules enhancedT1 = Routing::RoutingRules::DefaultOfEnhancedT1();  // masks and data sets of ceT1w
    Volume::VolumeLimits limits;
    Results::SrOptions report;
    std::optional<double> minimumTumourAreaMm2;                      // none: as the model card says
    std::optional<double> threshold;                                 // likewise
    double minimumTypicality = 0;                                    // 0: a genotype is stated of whatever comes
    Engine::SaliencyChoice saliency = Engine::SaliencyChoice::None;  // not where nothing is stored
    bool shadow = false;  // compute and keep the figures, store nothing in the PACS
    std::chrono::seconds studyTimeout{600};
    std::chrono::seconds stableAge{60};           // without a change for so long, a study is complete
    std::uint64_t maxCachedBytes = 256ull << 20;  // DICOM files of one study that are kept between two readings
    std::string softwareVersion;

    // The series of a study that a person has chosen, as it is by then; without a function nobody can.
    std::function<std::optional<HandChoice>(const std::string& studyId)> findChoice;
  };
}
