// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/SliceDecoding.h"

#include "Plugin/Pipeline/InstanceCache.h"

namespace H3K27M::Pipeline
{
  SliceOutcome DecodeSlice(const Volume::FrameDecoder& decoder, const Volume::SourceSlice& slice,
                           const SeriesReading& reading, InstanceCache& files)
  {
    const FileOutcome outcome = files.Get(slice.orthancInstanceId);

    if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome))
    {
      return *refusal;
    }

    DecodedSlice decoded;
    decoded.file = std::get<std::shared_ptr<const std::string>>(outcome);
    Volume::DecodeOutcome frame =
      decoder.Decode(*decoded.file, reading.headers.at(slice.orthancInstanceId), slice.frameNumber);

    if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&frame))
    {
      return *refusal;
    }

    decoded.frame = std::move(std::get<Volume::DecodedFrame>(frame));
    return decoded;
  }
}
