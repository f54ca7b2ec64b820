// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cuda/DeviceResampler.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Preprocess/HostVolumeStatistics.h"
#include "Inference/Protocol/Error.h"
#include "UnitTests/Inference/Preprocess/SyntheticVolume.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace H3K27M::Cuda
{
  namespace
  {
    Preprocess::BlockGrid MakeGrid(const Preprocess::VolumeView& volume, int side)
    {
      Preprocess::BlockGrid grid;
      grid.side = side;
      grid.nativeRows = static_cast<int>(volume.rows);
      grid.nativeColumns = static_cast<int>(volume.columns);
      grid.rows = (grid.nativeRows + side - 1) / side;
      grid.columns = (grid.nativeColumns + side - 1) / side;
      grid.low = 3.5f;
      grid.scale = 1 / 801.25f;
      return grid;
    }

    Preprocess::SyntheticVolume MakeVolume()
    {
      Preprocess::SyntheticVolume volume(5, 131, 117, 0.7, 0.8);
      volume.voxels[3] = std::numeric_limits<float>::quiet_NaN();
      volume.voxels[4] = -std::numeric_limits<float>::infinity();
      volume.voxels[5] = -17.25f;
      volume.voxels[6] = 1e30f;
      return volume;
    }
  }

  TEST(HostVolumeStatistics, CountsByTheOrderOfValuesAndLeavesOutWhatIsNotFinite)
  {
    const std::vector<float> voxels{-2, 1, 1, 1.0009765625f, std::numeric_limits<float>::quiet_NaN()};
    const Preprocess::HostVolumeStatistics statistics(voxels);
    const std::vector<std::size_t> upper = statistics.CountUpperHalves();
    EXPECT_EQ(std::accumulate(upper.begin(), upper.end(), std::size_t{0}), 4U);
    EXPECT_EQ(upper[0x3FFF], 1U);  // -2 is 0xC0000000, of which the complement is taken
    EXPECT_EQ(upper[0xBF80], 3U);  // 1 is 0x3F800000, and 1.0009765625 shares its upper half
    const std::vector<std::size_t> lower = statistics.CountLowerHalves(0xBF80);
    EXPECT_EQ(lower[0], 2U);
    EXPECT_EQ(lower[0x2000], 1U);
  }

  TEST(HostVolumeStatistics, AveragesBlocksWithSmallerOnesAtTheBorder)
  {
    const std::vector<float> voxels{0,  10, 4,  //
                                    10, 0,  6};
    Preprocess::BlockGrid grid;
    grid.side = 2;
    grid.nativeRows = 2;
    grid.nativeColumns = 3;
    grid.rows = 1;
    grid.columns = 2;
    grid.scale = 0.1f;
    EXPECT_EQ(Preprocess::HostVolumeStatistics(voxels).AverageBlocks(grid), (std::vector<std::uint8_t>{128, 128}));
  }

  TEST(DeviceVolume, SaysToTheLastBitWhatTheHostSays)
  {
    if (!IsBuilt() || !Predict::ProcessTuning::LoadCudaLibraries().empty())
    {
      GTEST_SKIP() << "no GPU, or no CUDA kernels";
    }
    const Preprocess::SyntheticVolume volume = MakeVolume();
    const auto onDevice = TakeVolume(volume.GetView());
    const Preprocess::HostVolumeStatistics onHost(volume.voxels);
    const std::vector<std::size_t> upper = onHost.CountUpperHalves();
    EXPECT_EQ(onDevice->CountUpperHalves(), upper);
    const auto most = static_cast<std::uint32_t>(std::max_element(upper.begin(), upper.end()) - upper.begin());
    EXPECT_EQ(onDevice->CountLowerHalves(most), onHost.CountLowerHalves(most));
    for (const int side : {1, 2, 5})
    {
      const Preprocess::BlockGrid grid = MakeGrid(volume.GetView(), side);
      EXPECT_EQ(onDevice->AverageBlocks(grid), onHost.AverageBlocks(grid)) << side;
    }
  }

  TEST(DeviceVolume, ChecksTheVolumeBeforeItTakesMemory)
  {
    Preprocess::VolumeView broken;
    broken.slices = 1000000;
    EXPECT_THROW(TakeVolume(broken), Error);
  }
}
