// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>

namespace H3K27M::Volume
{
  // What is refused before anything large is allocated or decoded. All from the configuration; the defaults let every
  // clinical head series through (the largest seen: 3D, 512 x 512 x 400).
  struct VolumeLimits
  {
    std::uint32_t minSlices = 1;  // planes of one series
    std::uint32_t maxSlices = 600;
    std::uint32_t maxRows = 2048;              // (0028,0010)
    std::uint32_t maxColumns = 2048;           // (0028,0011)
    std::uint32_t maxFrames = 2000;            // (0028,0008) of one instance
    std::uint64_t maxBytes = 1ull << 30;       // one series at 4 bytes a voxel, and one file as it is stored
    unsigned maxSequenceDepth = 32;            // DCMTK recurses per level; 48 levels crash Orthanc 1.10.1 itself
    double spacingToleranceFraction = 0.1;     // of the slice spacing: positions are rounded to 0.1 mm by old scanners
    double orientationToleranceDegrees = 0.5;  // between the planes of one series

    bool operator==(const VolumeLimits&) const = default;
  };
}
