// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/StudySaliency.h"
#include "Inference/Protocol/StudyLimits.h"

#include <json/value.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace H3K27M::Serve
{
  // What one engine takes on, checked before anything is allocated.
  struct ServeLimits
  {
    std::size_t maxSlices = Protocol::StudyLimits::MAX_SLICES;
    std::size_t maxSide = Protocol::StudyLimits::MAX_SIDE;  // rows and columns
    std::uint64_t maxStudyBytes = std::uint64_t{1} << 30;   // voxels as float32, of one study
    // Of all studies that were begun and not answered.
    std::uint64_t maxOpenBytes = Protocol::StudyLimits::OPEN_MEBIBYTES << 20;
    std::size_t maxOpenStudies = Protocol::StudyLimits::MAX_OPEN_STUDIES;
    Predict::ScoreRules rules;  // the model's: what a request that names no threshold or area gets
  };

  // Metadata `request` of the verb `study-begin` (Resources/Notes/Protocol.md).
  struct StudyRequest
  {
    std::size_t slices = 0;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::array<double, 2> pixelSpacingMm{};  // between rows, between columns
    double sliceSpacingMm = 0;
    Predict::ScoreRules rules;
    bool masks = true;  // whether the masks are sent back
    Predict::SaliencyChoice saliency = Predict::SaliencyChoice::None;

    // Keys that are not known, missing or of the wrong type, sizes beyond `limits`: Error(BadInput) naming the key.
    static StudyRequest Parse(const Json::Value& json, const ServeLimits& limits);

    std::size_t GetSliceSize() const noexcept
    {
      return rows * columns;
    }

    std::uint64_t GetVoxelCount() const noexcept
    {
      return std::uint64_t{slices} * rows * columns;
    }
  };
}
