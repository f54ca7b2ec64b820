// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/MaskOverlap.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Statistics
{
  namespace
  {
    template <typename IsPredicted>
    void AddTo(MaskOverlap& overlap, std::span<const std::uint8_t> referenceMask,
               std::span<const std::uint8_t> predictedMask, IsPredicted isPredicted)
    {
      if (!predictedMask.empty() && predictedMask.size() != referenceMask.size())
      {
        throw Error(ErrorCode::BadInput, "Two masks of different grids cannot be compared");
      }
      for (const std::uint8_t label : referenceMask)
      {
        overlap.reference += label != 0 ? 1 : 0;
      }
      for (std::size_t i = 0; i < predictedMask.size(); i++)
      {
        const bool isMarked = isPredicted(predictedMask[i]);
        overlap.predicted += isMarked ? 1 : 0;
        overlap.both += isMarked && referenceMask[i] != 0 ? 1 : 0;
      }
    }
  }

  void MaskOverlap::Add(std::span<const std::uint8_t> referenceMask, std::span<const std::uint8_t> predictedMask)
  {
    AddTo(*this, referenceMask, predictedMask, [](std::uint8_t label) { return label != 0; });
  }

  void MaskOverlap::AddClass(std::span<const std::uint8_t> referenceMask, std::span<const std::uint8_t> predictedMask,
                             std::uint8_t label)
  {
    AddTo(*this, referenceMask, predictedMask, [label](std::uint8_t voxel) { return voxel == label; });
  }

  double MaskOverlap::GetDice() const noexcept
  {
    const std::size_t sum = reference + predicted;
    return sum == 0 ? 1 : 2.0 * static_cast<double>(both) / static_cast<double>(sum);
  }
}
