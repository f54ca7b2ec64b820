// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/InputReference.h"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace H3K27M::Predict
{
  // How usual a study looks to the model.
  struct InputTypicality
  {
    // (1 + the patients that lie at least as far) / (1 + all patients), patients that the network in question has not
    // seen: a conformal p value, of an ensemble the cross-conformal one (Vovk 2015). Of studies like those that the
    // model was made with, at most about a share p has a value of p or less.
    double share = 1;
    std::size_t patients = 0;
    std::vector<double> distances;  // of each network: InputReference::Measure()

    // Whether any study could have a share below `minimum`, 0 to 1: the least that there is, 1 / (1 + patients), may
    // not lie below it.
    bool CanLieBelow(double minimum) const;
  };

  // `signatures`: of the study, by each network. Empty when a network has no reference: nothing is known then.
  std::optional<InputTypicality> JudgeInput(std::span<const std::optional<Weights::InputReference>> references,
                                            const std::vector<std::vector<double>>& signatures);
}
