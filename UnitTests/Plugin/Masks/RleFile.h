// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <functional>
#include <string>

class DcmDataset;

namespace H3K27M::Tests
{
  // DCMTK's encoder and decoder of RLE, for as long as it lives: what an archive does that compresses what it takes in.
  class RleCodecs
  {
  public:
    RleCodecs();
    ~RleCodecs();

    RleCodecs(const RleCodecs&) = delete;
    RleCodecs& operator=(const RleCodecs&) = delete;
  };

  // The DICOM file in RLE Lossless; `edit` has the last word on the dataset. While RleCodecs are there.
  std::string CompressByRle(const std::string& bytes, const std::function<void(DcmDataset&)>& edit = {});
}
