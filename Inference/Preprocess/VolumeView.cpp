// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/VolumeView.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/StudyLimits.h"

#include <cmath>
#include <cstdint>
#include <string>

namespace H3K27M::Preprocess
{
  namespace StudyLimits = Protocol::StudyLimits;

  namespace
  {
    void CheckCount(const char* what, std::size_t value, std::size_t minimum, std::size_t maximum)
    {
      if (value < minimum || value > maximum)
      {
        throw Error(ErrorCode::BadInput, "The volume has " + std::to_string(value) + " " + what + "; " +
                                           std::to_string(minimum) + " to " + std::to_string(maximum) +
                                           " can be processed");
      }
    }

    void CheckSpacing(const char* what, double value)
    {
      if (!std::isfinite(value) || value < StudyLimits::MIN_SPACING_MM || value > StudyLimits::MAX_SPACING_MM)
      {
        throw Error(ErrorCode::BadInput,
                    std::string("The ") + what + " of " + std::to_string(value) + " mm is not between 0.01 and 100 mm");
      }
    }
  }

  void VolumeView::Check() const
  {
    CheckCount("slices", slices, 1, MAX_SLICES);
    CheckCount("rows", rows, MIN_SIDE, MAX_SIDE);
    CheckCount("columns", columns, MIN_SIDE, MAX_SIDE);
    CheckSpacing("spacing between rows", pixelSpacingMm[0]);
    CheckSpacing("spacing between columns", pixelSpacingMm[1]);
    CheckSpacing("spacing between slices", sliceSpacingMm);
    const std::uint64_t wanted = std::uint64_t{slices} * rows * columns;
    if (voxels.size() != wanted)
    {
      throw Error(ErrorCode::BadInput, "The volume's sizes ask for " + std::to_string(wanted) + " voxels, but " +
                                         std::to_string(voxels.size()) + " are there");
    }
  }
}
