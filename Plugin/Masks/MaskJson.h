// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Masks/MaskStore.h"

#include <json/value.h>

namespace H3K27M::Masks
{
  // Schema `Mask` of openapi.json: which segmentation it is, on which images, who drew it, how much it marks.
  Json::Value Describe(const StoredMask& mask, const Archive::StudySnapshot& study);
}
