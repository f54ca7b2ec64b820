// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Results
{
  enum class GenotypeStatus
  {
    Altered,       // H3 K27M-altered (mutant): the positive class, index 0
    WildType,      // index 1
    NotDetermined  // no tumour slice, or the model abstained
  };

  // "altered", "wild-type", "not determined": the names on the wire, in REST and in the label SR's text.
  std::string_view ToString(GenotypeStatus status) noexcept;

  // Throws BadInput on any other text.
  GenotypeStatus ParseGenotypeStatus(std::string_view text);

  struct SliceScore
  {
    std::size_t slice = 0;                     // index into SourceSeries::slices
    std::optional<double> probabilityAltered;  // 0..1; none when the class head did not look at the slice
    double tumourAreaMm2 = 0;
  };

  struct GenotypePrediction
  {
    GenotypeStatus status = GenotypeStatus::NotDetermined;
    std::optional<double> probabilityAltered;  // 0..1, of the patient
    // Of an ensemble: what each of its networks says alone, 0..1; else empty. Their spread is no confidence interval.
    std::vector<double> memberProbabilities;
    double threshold = 0.5;              // altered only when the probability is strictly greater
    std::string logic;                   // how slices become one score, in words
    std::vector<SliceScore> slices;      // the slices that were looked at, ascending
    std::optional<bool> agreesWithMask;  // does the mask's class name the same status; none without a mask
    std::string reason;                  // why the status is what it is, in words; may be empty
  };

  // How usual the study looks to the model.
  struct InputTypicality
  {
    double share = 1;            // 0..1: (1 + those at least as unusual) / (1 + patients)
    std::uint64_t patients = 0;  // that the model had not seen
    bool abstained = false;      // no genotype is stated because of it

    std::uint64_t CountAsUnusual() const
    {
      const double count = std::round(share * static_cast<double>(patients + 1)) - 1;
      return count > 0 ? static_cast<std::uint64_t>(count) : 0;
    }
  };

  struct TumourFinding
  {
    bool found = false;
    std::uint64_t voxels = 0;
    double volumeMm3 = 0;
    std::vector<std::size_t> slices;  // ascending
  };

  struct EngineTimings
  {
    double receiveMs = 0;
    double preprocessMs = 0;
    double networkMs = 0;
    double postprocessMs = 0;
    double totalMs = 0;
  };

  // What the engine answered for one series (frame `result-begin`), checked.
  struct Prediction
  {
    GenotypePrediction genotype;
    std::optional<InputTypicality> typicality;  // none: the model cannot tell
    TumourFinding tumour;
    EngineTimings timings;
    double networkMsPerSlice = 0;
    unsigned slicesComputed = 0;
    std::vector<std::string> warnings;
  };

  // Parses the JSON of the engine's `result`. Throws Corrupt, naming the key, when one is missing, has the wrong
  // type, is out of range (probabilities 0..1, slices below `sliceCount`, nothing negative, nothing infinite) or when
  // two contradict each other (altered without a probability, tumour found without voxels).
  Prediction ParsePrediction(std::string_view json, std::size_t sliceCount);
}
