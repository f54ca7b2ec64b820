// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace H3K27M::Volume
{
  // The types of the wire protocol's tensor `voxels`.
  enum class VoxelType
  {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32
  };

  std::uint32_t BytesPerVoxel(VoxelType type) noexcept;

  // "U8", "I16", ...: as safetensors spells it.
  std::string_view ToString(VoxelType type) noexcept;

  // [row, column], packed, host byte order: stored values, sign-extended, before the rescale.
  struct ExternalFrame
  {
    VoxelType type = VoxelType::U16;
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::vector<std::uint8_t> pixels;
  };

  // Decoder of compressed transfer syntaxes. In Orthanc's process that is Orthanc with its decoder plugins (JPEG 2000
  // comes from orthanc-gdcm): no codec is registered by us in a process that is not ours.
  class IExternalDecoder
  {
  public:
    virtual ~IExternalDecoder() = default;

    // `file` is the whole DICOM file, `frameIndex` is 0-based. Throws Error (BadInput) when it cannot decode.
    virtual ExternalFrame Decode(std::string_view file, std::uint32_t frameIndex) = 0;
  };
}
