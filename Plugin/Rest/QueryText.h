// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"

#include <charconv>
#include <string>

namespace H3K27M::Rest
{
  // Values of query parameters. Both throw Error(BadInput) naming the parameter.
  template <typename T>
  T ParseQueryNumber(const std::string& name, const std::string& text)
  {
    T value = {};
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);

    if (fault != std::errc() || end != text.data() + text.size())
    {
      throw Error(ErrorCode::BadInput, "Query parameter '" + name + "' is not a number");
    }

    return value;
  }

  // Without a value ("?dry-run") it is true.
  bool ParseQueryFlag(const std::string& name, const std::string& text);
}
