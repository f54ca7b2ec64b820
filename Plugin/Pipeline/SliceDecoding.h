// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/SeriesReader.h"
#include "Plugin/Volume/FrameDecoder.h"

#include <memory>
#include <string>
#include <variant>

namespace H3K27M::Pipeline
{
  class InstanceCache;

  // The pixels of one slice, with the file that they may point into: a cache that is full keeps none.
  struct DecodedSlice
  {
    std::shared_ptr<const std::string> file;
    Volume::DecodedFrame frame;
  };

  using SliceOutcome = std::variant<DecodedSlice, Volume::Refusal>;

  // The pixels of one slice of an accepted series, or why they cannot be had. Throws Error when the archive fails.
  SliceOutcome DecodeSlice(const Volume::FrameDecoder& decoder, const Volume::SourceSlice& slice,
                           const SeriesReading& reading, InstanceCache& files);
}
