// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/DicomHeader.h"
#include "Plugin/Volume/IExternalDecoder.h"

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace H3K27M::Volume
{
  // One frame as the engine takes it: [row, column], packed, little endian; value = stored * slope + intercept.
  // `bytes` points into the caller's file where the pixels could be taken as they lie, else into `storage`. Movable
  // only, so that the two cannot part.
  struct DecodedFrame
  {
    DecodedFrame() = default;
    DecodedFrame(DecodedFrame&&) = default;
    DecodedFrame& operator=(DecodedFrame&&) = default;
    DecodedFrame(const DecodedFrame&) = delete;
    DecodedFrame& operator=(const DecodedFrame&) = delete;
    ~DecodedFrame() = default;

    VoxelType type = VoxelType::U16;
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    double rescaleSlope = 1;
    double rescaleIntercept = 0;
    std::string_view bytes;
    std::vector<std::uint8_t> storage;
  };

  using DecodeOutcome = std::variant<DecodedFrame, Refusal>;

  // Pixels of one frame. Uncompressed syntaxes are read here (8, 16 and 32 bits, both byte orders, any HighBit);
  // compressed ones go to the external decoder. Padding becomes the frame's lowest value, MONOCHROME1 is inverted.
  // Thread-safe as far as the external decoder is.
  class FrameDecoder
  {
  public:
    // `external` may be null (then compressed syntaxes are refused); it must outlive this object.
    explicit FrameDecoder(IExternalDecoder* external);

    // `header` must be what DicomReader made of this very `file`; `frameNumber` is 1-based. The file must stay where
    // it is as long as the result is used.
    DecodeOutcome Decode(std::string_view file, const DicomHeader& header, std::uint32_t frameNumber) const;

  private:
    IExternalDecoder* external_;
  };
}
