// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/InputTypicality.h"

namespace H3K27M::Predict
{
  bool InputTypicality::CanLieBelow(double minimum) const
  {
    return 1 / static_cast<double>(1 + patients) < minimum;
  }

  std::optional<InputTypicality> JudgeInput(std::span<const std::optional<Weights::InputReference>> references,
                                            const std::vector<std::vector<double>>& signatures)
  {
    if (references.empty() || references.size() != signatures.size())
    {
      return std::nullopt;
    }
    InputTypicality typicality;
    std::size_t further = 0;
    for (std::size_t i = 0; i < references.size(); i++)
    {
      const std::optional<Weights::InputReference>& reference = references[i];
      if (!reference)
      {
        return std::nullopt;
      }
      typicality.distances.push_back(reference->Measure(signatures[i]));
      further += reference->CountAtLeast(typicality.distances.back());
      typicality.patients += reference->CountPatients();
    }
    typicality.share = static_cast<double>(1 + further) / static_cast<double>(1 + typicality.patients);
    return typicality;
  }
}
