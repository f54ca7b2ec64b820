// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <string_view>

namespace H3K27M::Volume
{
  enum class RefusalCode
  {
    NotDicom,            // empty, truncated or garbage
    NoPixelData,         // no image: raw data, structured report, ...
    LimitExceeded,       // a VolumeLimits value
    PixelDataTooShort,   // Rows x Columns x frames promise more than the file holds
    UnsupportedPixels,   // colour, odd bit depth, float
    UndecodablePixels,   // transfer syntax unknown to every decoder, or the decoder failed
    MissingGeometry,     // position, orientation or spacing absent
    BadNumber,           // NaN, infinity, text where a number must be
    MixedGeometry,       // sizes, orientations or pixel spacings differ within the series
    DuplicatePositions,  // several volumes in one series (echoes, time points), or an image sent twice
    UnevenSpacing,       // not explained by whole missing slices
    TooFewSlices,
    TooManySlices,
    Inconsistent  // instances of different series or studies
  };

  // An expected "no": a value, because it is shown in routing/ and cases/ and is no failure of the program.
  struct Refusal
  {
    RefusalCode code;
    std::string text;  // one sentence that names the tag; no patient's data
  };

  // "not-dicom", "missing-geometry", ...: the names in REST answers and in the work store.
  std::string_view ToString(RefusalCode code) noexcept;
}
