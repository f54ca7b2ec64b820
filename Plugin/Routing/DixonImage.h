// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Routing
{
  // What a Dixon acquisition makes of one series: images of water and of both in phase still show a T2 contrast of the
  // brain, those of fat, of both in opposition and of a fraction do not.
  enum class DixonImage
  {
    None,
    WaterOrInPhase,
    FatOrOutOfPhase
  };

  // By ImageType (0008,0008) or FrameType (0008,9007), in the spellings of all vendors: FAT, F (Philips), OPP_PHASE
  // (Siemens), OUT_PHASE, OP, FAT_FRACTION, FF, ... Fat counts where both are named.
  DixonImage ClassifyDixon(const std::vector<std::string>& imageType);
}
