// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/PermutedLabels.h"

#include <cstdint>
#include <vector>

namespace H3K27M::Data
{
  // The cases of another source with shuffled genotypes, as in PermutedLabels, and in the place of what images truly
  // show a signal that is known: tumours called altered are brighter by STRENGTH, those called wild type darker by as
  // much. The other control: whoever learns from these cases must find it, and where an AUROC stays far from 1, labels,
  // masks or images are lost on the way. Tumour-free cases keep what they have.
  class PlantedSignal : public ICaseSource
  {
  public:
    // Of a voxel's intensity. Half of it lies between the genotypes then: more than a training's changes of brightness
    // and contrast, a fifth at most (AugmentationOptions), can hide. And a tumour that is darker by a quarter is still
    // seen on T2, so that both are found.
    static constexpr float STRENGTH = 0.25F;

    // As of PermutedLabels.
    PlantedSignal(const BidsCaseSource& source, const std::vector<std::size_t>& groups, std::uint64_t seed);

    std::size_t GetCount() const override
    {
      return permuted_.GetCount();
    }

    TrainingCase Load(std::size_t index) const override;

    // With {control: "planted signal", control_seed, control_strength}.
    Json::Value Describe() const override;

  private:
    PermutedLabels permuted_;
  };
}
