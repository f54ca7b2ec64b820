// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace H3K27M::Fuzz
{
  // What libFuzzer made up, in the two shapes that the readers take.
  inline std::string_view ToText(const std::uint8_t* data, std::size_t size)
  {
    return {reinterpret_cast<const char*>(data), size};
  }

  inline std::span<const std::byte> ToBytes(const std::uint8_t* data, std::size_t size)
  {
    return std::as_bytes(std::span(data, size));
  }

  // Whoever reads hostile input may refuse it with an Error and with nothing else: any other exception is a find, as
  // what the sanitizers stop at is.
  template <typename Function>
  int Expect(const Function& read)
  {
    try
    {
      read();
    }
    catch (const Error&)
    {
    }
    return 0;
  }
}
