// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/IVolumeStatistics.h"

#include <span>

namespace H3K27M::Preprocess
{
  // Of voxels in the host's memory, which must outlive this object. Single-threaded, reads the volume once per call.
  class HostVolumeStatistics : public IVolumeStatistics
  {
  public:
    // `voxels` [slice, row, column].
    explicit HostVolumeStatistics(std::span<const float> voxels) :
      voxels_(voxels)
    {
    }

    std::vector<std::size_t> CountUpperHalves() const override;
    std::vector<std::size_t> CountLowerHalves(std::uint32_t upper) const override;
    std::vector<std::uint8_t> AverageBlocks(const BlockGrid& grid) const override;

  private:
    std::span<const float> voxels_;
  };
}
