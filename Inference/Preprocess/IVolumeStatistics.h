// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/BlockGrid.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace H3K27M::Preprocess
{
  // What preparation asks of all voxels of a volume. Answered where the voxels are, on the host or on a GPU, and to the
  // last bit alike.
  class IVolumeStatistics
  {
  public:
    static constexpr std::size_t HALVES = 1 << 16;

    virtual ~IVolumeStatistics() = default;

    // [HALVES]: how many finite voxels have each upper half of their ordered bit pattern (FloatOrder.h).
    virtual std::vector<std::size_t> CountUpperHalves() const = 0;

    // [HALVES]: of the finite voxels with the upper half `upper`, how many have each lower half.
    virtual std::vector<std::size_t> CountLowerHalves(std::uint32_t upper) const = 0;

    // [slice, row, column of blocks]: the mean of each block's voxels in the unit range, as a level.
    virtual std::vector<std::uint8_t> AverageBlocks(const BlockGrid& grid) const = 0;
  };
}
