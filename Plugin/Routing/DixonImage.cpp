// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/DixonImage.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace H3K27M::Routing
{
  namespace
  {
    // As Simplify() leaves them.
    constexpr std::array<std::string_view, 18> UNWANTED = {
      "FAT",        "F",        "FATIMAGE", "FATONLY", "FATFRACTION",  "FATFRAC", "FF", "WATERFRACTION", "WF",
      "OUTOFPHASE", "OUTPHASE", "OPPPHASE", "OPP",     "OPPOSEDPHASE", "OPPOSED", "OP", "OOP",           "PDFF"};
    constexpr std::array<std::string_view, 6> TOLERATED = {"WATER", "W", "WATERIMAGE", "WATERONLY", "INPHASE", "IP"};

    // OUT_PHASE, "OUT PHASE" and OUTPHASE are one.
    std::string Simplify(std::string value)
    {
      const auto end =
        std::remove_if(value.begin(), value.end(), [](char c) { return c == '_' || c == ' ' || c == '-'; });
      value.erase(end, value.end());
      return value;
    }

    template <std::size_t N>
    bool HoldsAny(const std::vector<std::string>& imageType, const std::array<std::string_view, N>& wanted)
    {
      return std::any_of(imageType.begin(), imageType.end(), [&wanted](const std::string& value)
      { return std::find(wanted.begin(), wanted.end(), Simplify(value)) != wanted.end(); });
    }
  }

  DixonImage ClassifyDixon(const std::vector<std::string>& imageType)
  {
    if (HoldsAny(imageType, UNWANTED))
    {
      return DixonImage::FatOrOutOfPhase;
    }
    return HoldsAny(imageType, TOLERATED) ? DixonImage::WaterOrInPhase : DixonImage::None;
  }
}
