// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"

#include <c10/util/Exception.h>

#include <string>
#include <string_view>

namespace H3K27M::Network
{
  // What LibTorch throws, as our own exception. Exhausted memory is Unavailable, with a retry: a GPU's has a type of
  // its own, the host's is told by the name of LibTorch's allocator in the text alone.
  inline Error ToError(const c10::Error& error)
  {
    const std::string text = error.what_without_backtrace();
    if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr)
    {
      return Error(ErrorCode::Unavailable, "The GPU's memory is exhausted: " + text);
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

  // The value of function(), for the places where LibTorch is entered.
  template <typename Function>
  auto TranslateTorch(const Function& function)
  {
    try
    {
      return function();
    }
    catch (const c10::Error& error)
    {
      throw ToError(error);
    }
  }
}
