// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/DicomHeader.h"
#include "Plugin/Volume/FileLayout.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <optional>
#include <vector>

class DcmDataset;

namespace H3K27M::Volume
{
  // The steps of DicomReader, each over a parsed dataset without pixels.

  // Fills `pixels`, or says why there are no pixels that can be used. Nothing is allocated by what the header claims.
  std::optional<Refusal> ReadPixelFormat(PixelFormat& pixels, DcmDataset& dataset, const FileLayout& layout,
                                         const VolumeLimits& limits);

  // One plane per frame, classic or from the functional groups (PS3.3 C.7.6.16). `frames` is within the limits.
  std::vector<PlaneHeader> ReadPlanes(DcmDataset& dataset, std::uint32_t frames, bool isMultiFrame);

  AcquisitionTags ReadAcquisition(DcmDataset& dataset, bool isMultiFrame);

  // Whether the SOP class keeps geometry in functional groups.
  bool IsMultiFrameClass(const std::string& sopClassUid);
}
