// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/IExternalDecoder.h"

namespace H3K27M::Volume
{
  // Decodes with whatever codecs are registered with DCMTK in this process (RLE, JPEG, JPEG-LS), and registers none.
  // For programs of our own (tests); inside Orthanc its own decoder is asked. Thread-safe.
  class DcmtkDecoder : public IExternalDecoder
  {
  public:
    ExternalFrame Decode(std::string_view file, std::uint32_t frameIndex) override;
  };
}
