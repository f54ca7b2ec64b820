// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/FrameDecoder.h"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace H3K27M::Volume
{
  // Calls `visit` with each stored value of type T, as double, in the order of `bytes`; a rest that is no whole value
  // is passed over.
  template <typename T, typename Visit>
  void ForEachStoredAs(std::string_view bytes, const Visit& visit)
  {
    for (std::size_t i = 0; i + sizeof(T) <= bytes.size(); i += sizeof(T))
    {
      T stored;
      std::memcpy(&stored, bytes.data() + i, sizeof(T));
      visit(static_cast<double>(stored));
    }
  }

  // The same for a type that is known at run time.
  template <typename Visit>
  void ForEachStored(VoxelType type, std::string_view bytes, const Visit& visit)
  {
    switch (type)
    {
      case VoxelType::U8:
        return ForEachStoredAs<std::uint8_t>(bytes, visit);
      case VoxelType::I8:
        return ForEachStoredAs<std::int8_t>(bytes, visit);
      case VoxelType::U16:
        return ForEachStoredAs<std::uint16_t>(bytes, visit);
      case VoxelType::I16:
        return ForEachStoredAs<std::int16_t>(bytes, visit);
      case VoxelType::U32:
        return ForEachStoredAs<std::uint32_t>(bytes, visit);
      case VoxelType::I32:
        return ForEachStoredAs<std::int32_t>(bytes, visit);
    }
  }
}
