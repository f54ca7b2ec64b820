// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string_view>

namespace H3K27M::Routing
{
  // Manufacturer (0008,0070) of every object that the result writers make.
  inline constexpr std::string_view OWN_MANUFACTURER = "Orthanc-H3K27M";

  // Whether an object is one of our results (SEG, SR, saliency): known by Modality, SOP class and Manufacturer. The
  // synthetic MR series of POST /phantoms carry the same manufacturer and are MR images: they are no results, but
  // input like any other.
  bool IsOwnResult(std::string_view modality, std::string_view sopClassUid, std::string_view manufacturer) noexcept;
}
