// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"

#include <string>
#include <string_view>

namespace H3K27M
{
  // The GPU failed, not the request: an illegal address, memory that cannot be corrected, a device that fell off the
  // bus. CUDA answers each later call of the process with the same error: only a new process has a device again. Thrown
  // by value, and caught before Error by who serves.
  class DeviceError : public Error
  {
  public:
    // Unavailable, with a retry.
    explicit DeviceError(const std::string& message) :
      Error(ErrorCode::Unavailable, message)
    {
    }
  };

  enum class DeviceFault
  {
    None,    // not the device, or only what was asked of it
    Memory,  // it has too little at the moment, and serves on
    Device   // it serves this process no more
  };

  // What a text of LibTorch says of the GPU. By the text, because the exceptions have no types of their own in the
  // headers of LibTorch 2.6, nor in those of a build without CUDA.
  DeviceFault FindDeviceFault(std::string_view text) noexcept;
}
