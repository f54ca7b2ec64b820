// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace H3K27M::Cuda
{
  // CUDA remembers a thread's last failure until it is asked for it. What has been told once is forgotten here, or the
  // next study's first kernel would fail for it.
  inline bool IsSuccess(cudaError_t status) noexcept
  {
    if (status != cudaSuccess)
    {
      static_cast<void>(cudaGetLastError());
    }
    return status == cudaSuccess;
  }

  // Throws Error(Internal; Unavailable when the device's memory is exhausted) with CUDA's text.
  inline void CheckCuda(cudaError_t status, const char* what)
  {
    if (!IsSuccess(status))
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
      KeepFreedMemory();
      CheckCuda(cudaMallocAsync(&data_, bytes, nullptr), "allocation");
    }

    DeviceBuffer(const DeviceBuffer&) = delete;
    DeviceBuffer& operator=(const DeviceBuffer&) = delete;

    ~DeviceBuffer()
    {
      IsSuccess(cudaFreeAsync(data_, nullptr));
    }

    template <typename T>
    T* GetAs() const noexcept
    {
      return static_cast<T*>(data_);
    }

  private:
    // Left alone, the pool gives everything back whenever the host waits for the device.
    static void KeepFreedMemory()
    {
      static const bool IS_SET = []
      {
        cudaMemPool_t pool = nullptr;
        std::uint64_t kept = KEPT_BYTES;
        return IsSuccess(cudaDeviceGetDefaultMemPool(&pool, 0)) &&
               IsSuccess(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &kept));
      }();
      static_cast<void>(IS_SET);
    }

    static constexpr std::uint64_t KEPT_BYTES = std::uint64_t{256} << 20;

    void* data_ = nullptr;
  };
}
