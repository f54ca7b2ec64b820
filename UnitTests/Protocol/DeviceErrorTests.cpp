// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/DeviceError.h"

#include <gtest/gtest.h>

namespace H3K27M
{
  TEST(DeviceError, MayGoThroughWithANewProcess)
  {
    const DeviceError error("CUDA error: uncorrectable ECC error encountered");
    EXPECT_EQ(ErrorCode::Unavailable, error.GetCode());
    EXPECT_TRUE(error.CanRetry());
  }

  TEST(DeviceError, IsToldByTheTextOfLibTorch)
  {
    for (
      const char* text :
      {"CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be asynchronously reported at "
       "some other API call, so the stacktrace below might be incorrect.",
       "CUDA error: uncorrectable ECC error encountered", "CUDA error: unspecified launch failure",
       "CUDA error: device-side assert triggered", "CUDA driver error: device not ready",
       "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm(handle, opa, opb, m, n, k)`",
       "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"})
    {
      EXPECT_EQ(DeviceFault::Device, FindDeviceFault(text)) << text;
    }
  }

  TEST(DeviceError, ALackOfMemoryPasses)
  {
    for (const char* text :
         {"CUDA error: out of memory", "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
          "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
          "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"})
    {
      EXPECT_EQ(DeviceFault::Memory, FindDeviceFault(text)) << text;
    }
  }

  TEST(DeviceError, WhatTheDeviceOrLibTorchRefusesIsNoFaultOfTheDevice)
  {
    for (const char* text :
         {"CUDA error: invalid argument", "CUDA error: invalid configuration argument",
          "CUDA error: CUBLAS_STATUS_INVALID_VALUE when calling `cublasSgemm(handle)`",
          "cuDNN error: CUDNN_STATUS_NOT_SUPPORTED. This error may appear if you passed in a non-contiguous input.",
          "The size of tensor a (2) must match the size of tensor b (3)", "DefaultCPUAllocator: can't allocate memory",
          ""})
    {
      EXPECT_EQ(DeviceFault::None, FindDeviceFault(text)) << text;
    }
  }
}
