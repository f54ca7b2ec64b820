// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/Refusal.h"

namespace H3K27M::Volume
{
  std::string_view ToString(RefusalCode code) noexcept
  {
    switch (code)
    {
      case RefusalCode::NotDicom:
        return "not-dicom";
      case RefusalCode::NoPixelData:
        return "no-pixel-data";
      case RefusalCode::LimitExceeded:
        return "limit-exceeded";
      case RefusalCode::PixelDataTooShort:
        return "pixel-data-too-short";
      case RefusalCode::UnsupportedPixels:
        return "unsupported-pixels";
      case RefusalCode::UndecodablePixels:
        return "undecodable-pixels";
      case RefusalCode::MissingGeometry:
        return "missing-geometry";
      case RefusalCode::BadNumber:
        return "bad-number";
      case RefusalCode::MixedGeometry:
        return "mixed-geometry";
      case RefusalCode::DuplicatePositions:
        return "duplicate-positions";
      case RefusalCode::UnevenSpacing:
        return "uneven-spacing";
      case RefusalCode::TooFewSlices:
        return "too-few-slices";
      case RefusalCode::TooManySlices:
        return "too-many-slices";
      case RefusalCode::Inconsistent:
        return "inconsistent";
    }
    return "unknown";
  }
}
