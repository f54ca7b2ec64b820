// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/DeviceError.h"
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

  // Throws with CUDA's text: Error(Unavailable) when the device's memory is exhausted, Error(Internal) when it refuses
  // what was asked for, otherwise DeviceError.
  inline void CheckCuda(cudaError_t status, const char* what)
  {
    if (IsSuccess(status))
    {
      return;
    }
    const std::string text = std::string("CUDA, ") + what + ": " + cudaGetErrorString(status);
    switch (status)
    {
      case cudaErrorMemoryAllocation:
        throw Error(ErrorCode::Unavailable, text);
      case cudaErrorInvalidValue:
      case cudaErrorInvalidConfiguration:
        throw Error(ErrorCode::Internal, text);
      default:
        throw DeviceError(text);
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
