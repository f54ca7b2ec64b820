// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/SliceTensor.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

// The own CUDA kernels: resample + normalise, and argmax + un-resample. They run the arithmetic of
// Preprocess/GridArithmetic.h, as the CPU does, so results differ by float32 rounding only. Built where nvcc was found
// (IsBuilt()); otherwise the functions that need a GPU throw Error(Unavailable). Work on the default stream of device
// 0, as LibTorch does; both return when the device is done. Throw Error(Internal) with CUDA's text.
namespace H3K27M::Cuda
{
  bool IsBuilt() noexcept;

  // Name of the device; "unknown" without the kernels.
  std::string DescribeDevice(int device);

  // The volume in the device's memory; null where it would fill more than half of what is free. Throws Error(BadInput)
  // as VolumeView::Check() does.
  std::shared_ptr<const Preprocess::IVolumeStatistics> TakeVolume(const Preprocess::VolumeView& volume);

  // Whether `study` has the statistics that TakeVolume() gave.
  bool IsOnDevice(const Preprocess::SliceTensor& study) noexcept;

  // `target`: device memory, [slice, 1, S, S] float32. `study`: one with IsOnDevice().
  void WriteSlices(const Preprocess::SliceTensor& study, std::span<const std::size_t> slices, float* target);

  // `logits`: device memory, [slice, 3, S, S] float32. `masks`: host memory, [slice, row, column]. Returns the pixels
  // of each mask that are not background; where there are none, most often, the mask is not written.
  std::vector<std::size_t> RestoreMasks(const Preprocess::SliceTensor& study, std::size_t count, const float* logits,
                                        std::span<std::uint8_t> masks);
}
