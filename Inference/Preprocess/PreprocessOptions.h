// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>

namespace H3K27M::Preprocess
{
  enum class Framing
  {
    Head,         // crop to the head, pad to a square in mm (the default)
    CentreSquare  // the largest centred square, as in the paper (preset `paper`)
  };

  struct PreprocessOptions
  {
    std::size_t inputSize = 256;  // rows and columns of the network's grid
    std::size_t channels = 1;     // equal copies: 3 for the published stem, 1 when its weights were summed
    Framing framing = Framing::Head;

    // Of all voxels of the volume, in percent: these values become 0 and 1, what lies beyond is clamped.
    double lowerPercentile = 0.5;
    double upperPercentile = 99.5;
  };
}
