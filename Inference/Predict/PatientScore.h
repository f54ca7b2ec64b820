// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Predict
{
  enum class GenotypeCall
  {
    Altered,
    WildType,
    NotDetermined
  };

  // "altered", "wild-type", "not determined": the names of the wire protocol.
  std::string_view ToString(GenotypeCall call) noexcept;

  struct SliceScore
  {
    std::size_t slice = 0;
    double probabilityAltered = 0;   // softmax of the class head
    std::size_t pixelsAltered = 0;   // of the mask on the native grid, class 1
    std::size_t pixelsWildType = 0;  // class 2
    double tumourAreaMm2 = 0;
    std::vector<double> memberAltered = {};  // probability by each network of an ensemble alone
  };

  // Which slices speak, and from where on they say "altered".
  struct ScoreRules
  {
    double threshold = 0.5;             // 0..1
    double minimumTumourAreaMm2 = 100;  // a slice with less is taken as tumour-free
    bool hasSegmentation = true;        // otherwise all slices with head speak
    bool keepsSmallMasks = false;       // masks of slices with less are kept apart (StudyResult::smallMasks)
    double minimumTypicality = 0;  // 0..1: below it no genotype is stated (InputTypicality::share); 0: it always is
  };

  // The patient's answer from the slices' answers (protocol `automatic`): the softmaxes of the chosen slices are
  // summed; altered only if the sum for altered is strictly greater (at a threshold of 0.5; in general, if the mean
  // probability is strictly greater than the threshold). No slice chosen: no genotype, and `reason` says why.
  struct PatientScore
  {
    GenotypeCall call = GenotypeCall::NotDetermined;
    std::optional<double> probabilityAltered;  // mean over the chosen slices
    // Of an ensemble: what each network would have answered alone, about the slices that all together have chosen.
    // Their spread says how far the answer hangs on who was trained on; it is no confidence interval.
    std::vector<double> memberProbabilities;
    std::vector<std::size_t> chosen;     // indices into the scores given
    std::optional<bool> agreesWithMask;  // whether most mask pixels of the chosen slices are of the same class
    std::string logic;                   // the rule in words
    std::string reason;                  // why not determined; empty otherwise

    // Throws Error(BadInput) when a rule is out of its range.
    static PatientScore Evaluate(const std::vector<SliceScore>& scores, const ScoreRules& rules);

    // Takes back what was said about the genotype: the study is unlike those that the model knows.
    void Abstain(const std::string& why);
  };
}
