// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"

#include <functional>
#include <string>

namespace H3K27M::Tests
{
  // What an Error of `action` says; "accepted" when there is none.
  inline std::string GetRefusal(const std::function<void()>& action)
  {
    try
    {
      action();
      return "accepted";
    }
    catch (const Error& e)
    {
      return e.what();
    }
  }
}
