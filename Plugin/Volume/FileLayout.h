// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/Refusal.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace H3K27M::Volume
{
  // Where the parts of a DICOM file lie (PS3.10 section 7, PS3.5 section 7), in bytes from its start.
  struct FileLayout
  {
    std::string transferSyntaxUid;
    bool isExplicitVr = true;
    bool isBigEndian = false;
    std::uint64_t datasetOffset = 0;  // first byte after the meta information
    std::uint64_t datasetEnd = 0;     // where PixelData begins, or the end of the file
    bool hasPixelData = false;        // (7FE0,0010) at the top level
    bool isEncapsulated = false;
    std::uint64_t pixelOffset = 0;  // of its value
    std::uint64_t pixelLength = 0;  // of its value; of all fragments together when encapsulated
    std::uint64_t fragments = 0;    // without the offset table
  };

  using LayoutOutcome = std::variant<FileLayout, Refusal>;

  inline constexpr std::string_view DEFLATED_SYNTAX = "1.2.840.10008.1.2.1.99";

  // The meta information alone: transfer syntax and datasetOffset.
  LayoutOutcome LocateMeta(std::string_view file);

  // Walks the element headers of `file` without touching the values and without recursion, up to PixelData. What it
  // lets through has every length inside the file and sequences nested at most `maxDepth` deep: DCMTK allocates by
  // length and recurses by depth before it looks. A deflated dataset cannot be walked and is
  // refused (DeflatedFile.h makes another of it).
  LayoutOutcome LocateParts(std::string_view file, unsigned maxDepth);
}
