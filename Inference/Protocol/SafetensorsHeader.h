// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Safetensors.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Protocol
{
  // The length field before the JSON header.
  constexpr std::size_t SAFETENSORS_LENGTH_BYTES = 8;

  // What the header of a safetensors blob says, checked against the blob; the views point into it.
  struct SafetensorsHeader
  {
    std::map<std::string, std::string> metadata;
    std::map<std::string, TensorView> tensors;
  };

  // Throws Error(Corrupt) with the tensor's name; see SafetensorsFile for what is checked.
  SafetensorsHeader ParseSafetensorsHeader(std::span<const std::byte> blob);

  // Bytes that shape and dtype ask for. Throws Error(Corrupt) on what does not fit 63 bits.
  std::uint64_t CountTensorBytes(const std::string& tensor, const std::vector<std::int64_t>& shape, DType dtype);

  // Throws Error(Corrupt).
  [[noreturn]] void RefuseSafetensors(const std::string& reason);
}
