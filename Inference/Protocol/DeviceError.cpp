// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/DeviceError.h"

#include <algorithm>
#include <array>

namespace H3K27M
{
  namespace
  {
    // With which LibTorch begins what CUDA, its driver, cuBLAS and cuDNN told it.
    constexpr std::array<std::string_view, 5> SOURCES = {"CUDA error:", "CUDA driver error:", "CUBLAS_STATUS_",
                                                         "cuDNN error:", "CUDNN_STATUS_"};
    constexpr std::array<std::string_view, 4> MEMORY = {"out of memory", "CUBLAS_STATUS_ALLOC_FAILED",
                                                        "CUDNN_STATUS_ALLOC_FAILED", "ALLOCATION_FAILED"};
    // The call was refused: the same request would be refused by each process.
    constexpr std::array<std::string_view, 6> REFUSALS = {"invalid argument",
                                                          "invalid configuration argument",
                                                          "CUBLAS_STATUS_INVALID_VALUE",
                                                          "CUBLAS_STATUS_NOT_SUPPORTED",
                                                          "CUDNN_STATUS_BAD_PARAM",
                                                          "CUDNN_STATUS_NOT_SUPPORTED"};

    template <std::size_t COUNT>
    bool HoldsAny(std::string_view text, const std::array<std::string_view, COUNT>& words) noexcept
    {
      return std::any_of(words.begin(), words.end(),
                         [text](std::string_view word) { return text.find(word) != std::string_view::npos; });
    }
  }

  DeviceFault FindDeviceFault(std::string_view text) noexcept
  {
    if (!HoldsAny(text, SOURCES))
    {
      return DeviceFault::None;
    }

    if (HoldsAny(text, MEMORY))
    {
      return DeviceFault::Memory;
    }

    return HoldsAny(text, REFUSALS) ? DeviceFault::None : DeviceFault::Device;
  }
}
