// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace H3K27M::Preprocess
{
  enum class Framing
  {
    Head,         // crop to the head, pad to a square in mm (the default)
    CentreSquare  // the largest centred square, as in the paper (preset `paper`)
  };

  // As a model's card, a run's configuration and the command line name it.
  constexpr const char* ToString(Framing framing) noexcept
  {
    return framing == Framing::Head ? "head" : "centre-square";
  }

  constexpr std::optional<Framing> FindFraming(std::string_view name) noexcept
  {
    for (const Framing framing : {Framing::Head, Framing::CentreSquare})
    {
      if (name == ToString(framing))
      {
        return framing;
      }
    }
    return std::nullopt;
  }

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
