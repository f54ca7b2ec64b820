// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/Vectors.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Masks
{
  // One contour of a structure (PS3.3 C.8.8.6).
  struct RtContour
  {
    std::string geometricType;           // (3006,0042)
    std::vector<Volume::Vector> points;  // (3006,0050), LPS, mm
    std::string referencedInstance;      // (0008,1155) of its contour image; empty where none is named
    unsigned referencedFrame = 0;        // (0008,1160); 0 where none is named
    std::string fault;                   // what is wrong with its data; empty when nothing is
  };

  struct RtStructure
  {
    std::string name;                 // (3006,0026)
    std::string frameOfReferenceUid;  // (3006,0024)
    std::vector<RtContour> contours;
  };

  // What an RT Structure Set (PS3.3 A.19) says, without a judgement whether it fits a series. A plain value.
  struct RtStructFile
  {
    // Of all structures together: all are read, whichever is the mask.
    static constexpr std::size_t MAX_CONTOURS = 100'000;
    static constexpr std::size_t MAX_POINTS = 4'000'000;

    std::set<std::string> referencedSeries;  // (3006,0014) > (0020,000E); empty where none is named
    std::vector<RtStructure> structures;

    // Throws Error(BadInput) when the bytes are no RT Structure Set, or it is beyond the limits. A deflated one
    // may inflate to what an upload may have (MaskUpload.h).
    static RtStructFile Parse(std::string_view file, const Volume::VolumeLimits& limits);
  };
}
