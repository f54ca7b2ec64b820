// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Masks/MaskComparison.h"

namespace H3K27M::Tests
{
  std::vector<std::uint8_t> ListVoxels(const Results::MaskVolume& mask)
  {
    std::vector<std::uint8_t> voxels;
    const std::size_t size = static_cast<std::size_t>(mask.GetRows()) * mask.GetColumns();
    for (std::size_t slice = 0; slice < mask.GetSliceCount(); slice++)
    {
      const std::uint8_t* const values = mask.GetSlice(slice);
      for (std::size_t i = 0; i < size; i++)
      {
        voxels.push_back(values != nullptr && values[i] != 0 ? 1 : 0);
      }
    }
    return voxels;
  }
}
