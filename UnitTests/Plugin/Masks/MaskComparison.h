// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/MaskVolume.h"
#include "UnitTests/Support/Refusal.h"

#include <cstdint>
#include <vector>

namespace H3K27M::Tests
{
  // All voxels as 0 and 1: [slice, row, column].
  std::vector<std::uint8_t> ListVoxels(const Results::MaskVolume& mask);
}
