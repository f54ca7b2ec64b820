// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/DeviceError.h"
#include "Inference/Protocol/Error.h"

#include <c10/util/Exception.h>

#include <string>
#include <string_view>

namespace H3K27M::Network
{
  // What LibTorch throws, as our own exception. Exhausted memory is Unavailable, with a retry: a GPU's has a type of
  // its own, or is told by the text, the host's by the name of LibTorch's allocator in the text alone. So is a GPU that
  // failed.
  inline Error ToError(const c10::Error& error)
  {
    const std::string text = error.what_without_backtrace();
    const DeviceFault fault = FindDeviceFault(text);
    if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr || fault == DeviceFault::Memory)
    {
      return Error(ErrorCode::Unavailable, "The GPU's memory is exhausted: " + text);
    }
    if (fault == DeviceFault::Device)
    {
      return DeviceError("The GPU failed: " + text);
    }
    for (const std::string_view allocator : {"DefaultCPUAllocator", "alloc_cpu"})
    {
      if (text.find(allocator) != std::string::npos)
      {
        return Error(ErrorCode::Unavailable, "The memory is exhausted: " + text);
      }
    }
    return Error(ErrorCode::Internal, "LibTorch: " + text);
  }

  // The value of function(), for the places where LibTorch is entered. A GPU that failed is a DeviceError.
  template <typename Function>
  auto TranslateTorch(const Function& function)
  {
    try
    {
      return function();
    }
    catch (const c10::Error& error)
    {
      const Error translated = ToError(error);
      if (FindDeviceFault(error.what_without_backtrace()) == DeviceFault::Device)
      {
        throw DeviceError(translated.what());
      }
      throw Error(translated);
    }
  }
}
