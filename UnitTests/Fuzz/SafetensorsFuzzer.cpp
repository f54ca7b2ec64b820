// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/SafetensorsHeader.h"
#include "UnitTests/Fuzz/FuzzInput.h"

// Model files and tensors: a header that lies about names, types, shapes and offsets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  return Fuzz::Expect([&]
  {
    const auto header = Protocol::ParseSafetensorsHeader(Fuzz::ToBytes(data, size));
    // Every view must lie inside the blob: reading its ends lets the sanitizer judge.
    std::uint64_t sum = 0;
    for (const auto& [name, tensor] : header.tensors)
    {
      sum += tensor.data.empty() ? 0
                                 : std::to_integer<std::uint64_t>(tensor.data.front()) +
                                     std::to_integer<std::uint64_t>(tensor.data.back());
    }
    [[maybe_unused]] volatile const std::uint64_t read = sum;
  });
}
