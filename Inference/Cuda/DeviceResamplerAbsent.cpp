// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cuda/DeviceResampler.h"

#include "Inference/Protocol/Error.h"

// Compiled instead of DeviceResampler.cu where there was no nvcc: the GPU then runs the network only.
namespace H3K27M::Cuda
{
  bool IsBuilt() noexcept
  {
    return false;
  }

  std::string DescribeDevice(int)
  {
    return "unknown";
  }

  std::shared_ptr<const Preprocess::IVolumeStatistics> TakeVolume(const Preprocess::VolumeView&)
  {
    throw Error(ErrorCode::Unavailable, "This program was built without CUDA kernels", false);
  }

  bool IsOnDevice(const Preprocess::SliceTensor&) noexcept
  {
    return false;
  }

  void WriteSlices(const Preprocess::SliceTensor&, std::span<const std::size_t>, float*)
  {
    throw Error(ErrorCode::Unavailable, "This program was built without CUDA kernels", false);
  }

  std::vector<std::size_t> RestoreMasks(const Preprocess::SliceTensor&, std::size_t, const float*,
                                        std::span<std::uint8_t>)
  {
    throw Error(ErrorCode::Unavailable, "This program was built without CUDA kernels", false);
  }
}
