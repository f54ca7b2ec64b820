// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"

#include <cuda_runtime.h>

#include <cstddef>
#include <string>

namespace H3K27M::Cuda
{
  // Throws Error(Internal; Unavailable when the device's memory is exhausted) with CUDA's text.
  inline void CheckCuda(cudaError_t status, const char* what)
  {
    if (status != cudaSuccess)
    {
      throw Error(status == cudaErrorMemoryAllocation ? ErrorCode::Unavailable : ErrorCode::Internal,
                  std::string("CUDA, ") + what + ": " + cudaGetErrorString(status));
    }
  }

  // Memory of the current device, from its pool (freed memory is kept there, so a study allocates nothing anew).
  class DeviceBuffer
  {
  public:
    explicit DeviceBuffer(std::size_t bytes)
    {
      CheckCuda(cudaMallocAsync(&data_, bytes, nullptr), "allocation");
    }

    DeviceBuffer(const DeviceBuffer&) = delete;
    DeviceBuffer& operator=(const DeviceBuffer&) = delete;

    ~DeviceBuffer()
    {
      cudaFreeAsync(data_, nullptr);
    }

    template <typename T>
    T* GetAs() const noexcept
    {
      return static_cast<T*>(data_);
    }

  private:
    void* data_ = nullptr;
  };
}
