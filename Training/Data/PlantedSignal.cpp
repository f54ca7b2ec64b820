// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/PlantedSignal.h"

#include "Inference/Network/Axes.h"

namespace H3K27M::Data
{
  PlantedSignal::PlantedSignal(const BidsCaseSource& source, const std::vector<std::size_t>& groups,
                               std::uint64_t seed) :
    permuted_(source, groups, seed)
  {
  }

  TrainingCase PlantedSignal::Load(std::size_t index) const
  {
    TrainingCase loaded = permuted_.Load(index);
    const float factor = loaded.genotype == Network::GENOTYPE_ALTERED ? 1 + STRENGTH : 1 - STRENGTH;
    for (std::size_t i = 0; i < loaded.voxels.size(); i++)
    {
      if (loaded.mask[i] != 0)
      {
        loaded.voxels[i] *= factor;
      }
    }
    return loaded;
  }

  Json::Value PlantedSignal::Describe() const
  {
    Json::Value description = permuted_.Describe();
    description["control"] = "planted signal";
    description["control_strength"] = double{STRENGTH};
    return description;
  }
}
