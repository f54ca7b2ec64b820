// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cuda/DeviceResampler.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Preprocess/GridArithmetic.h"
#include "Inference/Preprocess/Normalisation.h"
#include "Inference/Preprocess/PixelArithmetic.h"
#include "Inference/Protocol/Error.h"
#include "UnitTests/Inference/Preprocess/SyntheticVolume.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace
{
  using namespace H3K27M;
  using Preprocess::SliceTensor;
  using Preprocess::SyntheticVolume;

  // The loops of the CUDA kernels, run on the host: one call per thread of the grid.
  std::vector<float> WriteLikeTheKernel(const SliceTensor& study, std::size_t slice)
  {
    const auto& window = study.GetWindow();
    const auto& range = study.GetRange();
    const auto& volume = study.GetVolume();
    const Preprocess::NativeSlice native{volume.voxels.data() + slice * volume.GetSliceSize(), window.row,
                                         window.column, range.low, 1.0f / (range.high - range.low)};
    std::vector<float> target;
    for (int row = 0; row < window.row.gridSize; ++row)
    {
      for (int column = 0; column < window.column.gridSize; ++column)
      {
        target.push_back(Preprocess::Normalise(Preprocess::SamplePixel(native, row, column)));
      }
    }
    return target;
  }

  std::vector<std::uint8_t> RestoreLikeTheKernel(const SliceTensor& study, const std::vector<float>& logits)
  {
    const auto& window = study.GetWindow();
    std::vector<std::uint8_t> mask;
    for (int row = 0; row < window.row.nativeSize; ++row)
    {
      const auto rowTap = Preprocess::GetGridTap(window.row, row);
      for (int column = 0; column < window.column.nativeSize; ++column)
      {
        const auto columnTap = Preprocess::GetGridTap(window.column, column);
        const bool isInside = rowTap.below >= 0 && columnTap.below >= 0;
        mask.push_back(isInside ? Preprocess::GetClassAt(logits.data(), window.row.gridSize, rowTap, columnTap)
                                : std::uint8_t{0});
      }
    }
    return mask;
  }

  // Smooth planes with regions of all three classes.
  std::vector<float> MakeLogits(std::size_t size)
  {
    std::vector<float> logits;
    for (int plane = 0; plane < 3; ++plane)
    {
      for (std::size_t i = 0; i < size * size; ++i)
      {
        const double row = static_cast<double>(i / size) / static_cast<double>(size);
        const double column = static_cast<double>(i % size) / static_cast<double>(size);
        logits.push_back(static_cast<float>(std::sin(9 * row + 2 * plane) + std::cos(11 * column - 3 * plane) +
                                            (plane == 0 ? 0.5 : 0)));
      }
    }
    return logits;
  }

  TEST(KernelArithmetic, ResamplesAsTheCpuDoes)
  {
    for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{512, 400}, {100, 130}, {256, 256}})
    {
      const SyntheticVolume volume(2, rows, columns, 230.0 / static_cast<double>(rows),
                                   210.0 / static_cast<double>(columns));
      const SliceTensor study(volume.GetView(), {});
      std::vector<float> onCpu(study.GetTargetSize());
      study.WriteSlice(1, onCpu);
      const std::vector<float> likeKernel = WriteLikeTheKernel(study, 1);
      ASSERT_EQ(onCpu.size(), likeKernel.size());
      for (std::size_t i = 0; i < onCpu.size(); ++i)
      {
        ASSERT_NEAR(onCpu[i], likeKernel[i], 1e-5) << "pixel " << i << " of " << rows << " x " << columns;
      }
    }
  }

  TEST(KernelArithmetic, RestoresMasksAsTheCpuDoes)
  {
    const SyntheticVolume volume(1, 400, 333, 0.6, 0.7);
    const SliceTensor study(volume.GetView(), {});
    const std::vector<float> logits = MakeLogits(256);
    std::vector<std::uint8_t> onCpu(volume.geometry.GetSliceSize());
    const std::size_t count = study.RestoreMask(logits, onCpu);
    EXPECT_EQ(onCpu, RestoreLikeTheKernel(study, logits));
    EXPECT_GT(count, onCpu.size() / 10);
    EXPECT_NE(std::count(onCpu.begin(), onCpu.end(), 1), 0);
    EXPECT_NE(std::count(onCpu.begin(), onCpu.end(), 2), 0);
  }

  TEST(KernelArithmetic, WhatIsNotFiniteIsBackground)
  {
    constexpr float INFINITE = std::numeric_limits<float>::infinity();
    EXPECT_EQ(Preprocess::ToUnitRange(INFINITE, 0, 0.5f), 0.0f);
    EXPECT_EQ(Preprocess::ToUnitRange(-INFINITE, 0, 0.5f), 0.0f);
    EXPECT_EQ(Preprocess::ToUnitRange(std::numeric_limits<float>::quiet_NaN(), 0, 0.5f), 0.0f);
    EXPECT_EQ(Preprocess::ToUnitRange(std::numeric_limits<float>::max(), 0, 2), 1.0f) << "bright, but a number";
    EXPECT_EQ(Preprocess::ToUnitRange(1, 0, 0.5f), 0.5f);
  }

  TEST(KernelArithmetic, EqualLogitsAreBackground)
  {
    const SyntheticVolume volume(1, 64, 64, 3, 3);
    const SliceTensor study(volume.GetView(), {});
    std::vector<std::uint8_t> mask(64 * 64, 9);
    EXPECT_EQ(study.RestoreMask(std::vector<float>(3 * 256 * 256, 1.0f), mask), 0u);
    EXPECT_EQ(std::count(mask.begin(), mask.end(), 0), 64 * 64);
  }

  TEST(DeviceResampler, RefusesWhereItWasNotBuilt)
  {
    if (Cuda::IsBuilt())
    {
      GTEST_SKIP() << "the kernels are built; without a GPU they are held by the tests above only ("
                   << Predict::ProcessTuning::LoadCudaLibraries() << ")";
    }
    const SyntheticVolume volume(1, 64, 64, 3, 3);
    const SliceTensor study(volume.GetView(), {});
    const std::vector<std::size_t> slices{0};
    EXPECT_THROW(Cuda::WriteSlices(study, slices, nullptr), Error);
  }
}
