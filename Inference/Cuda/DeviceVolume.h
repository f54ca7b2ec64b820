// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Cuda/DeviceBuffer.h"
#include "Inference/Preprocess/IVolumeStatistics.h"
#include "Inference/Preprocess/VolumeView.h"

namespace H3K27M::Cuda
{
  // A study's voxels in the device's memory: sent once, counted and resampled there.
  class DeviceVolume : public Preprocess::IVolumeStatistics
  {
  public:
    // Sends the voxels. `volume` is checked before memory is taken (VolumeView::Check()).
    explicit DeviceVolume(const Preprocess::VolumeView& volume);

    std::vector<std::size_t> CountUpperHalves() const override;
    std::vector<std::size_t> CountLowerHalves(std::uint32_t upper) const override;
    std::vector<std::uint8_t> AverageBlocks(const Preprocess::BlockGrid& grid) const override;

    // [slice, row, column], device memory.
    const float* GetVoxels() const noexcept
    {
      return voxels_.GetAs<float>();
    }

  private:
    std::vector<std::size_t> Count(int half, std::uint32_t upper) const;

    std::size_t slices_;
    std::size_t count_;
    DeviceBuffer voxels_;
  };
}
