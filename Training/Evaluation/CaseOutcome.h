// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Evaluation
{
  // One case after the whole path of inference.
  struct CaseOutcome
  {
    std::string id;
    bool hasTumour = true;
    std::int64_t genotype = 0;                 // truth; without meaning when there is no tumour
    std::optional<double> probabilityAltered;  // protocol `automatic`; empty: no slice with enough predicted tumour
    std::optional<double> oracleProbability;   // protocol `oracle`: mean over the slices with reference tumour
    std::vector<double> sliceProbabilities;    // of these slices, each by itself
    std::optional<bool> agreesWithMask;        // Predict/PatientScore.h; empty: no answer, or no class in the mask

    // Of a network that draws masks; otherwise empty, which is not the same as nothing found.
    std::optional<double> dice;             // tumour against background over the volume; with a tumour only
    std::vector<double> sliceDice;          // the authors' (Statistics/MaskOverlap.h): of the slices with tumour
    std::optional<double> markedVolumeMm3;  // in slices that reach the minimum area

    std::optional<double> typicality;  // Predict/InputTypicality.h; empty: the model knows of no inputs
    std::vector<double> signature;     // by the first network; not written into files
  };
}
