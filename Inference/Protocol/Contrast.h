// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <optional>
#include <string_view>

namespace H3K27M::Protocol
{
  // Which images of a patient are meant (the paper compares them in its table S3). Triage reads T2-weighted ones;
  // masks, data sets and runs may be of the other.
  enum class Contrast
  {
    T2w,
    CeT1w  // T1-weighted after a contrast agent
  };

  // "T2w", "ceT1w": in REST, manifests, options, cards and the configuration of a run.
  constexpr const char* ToString(Contrast contrast) noexcept
  {
    return contrast == Contrast::T2w ? "T2w" : "ceT1w";
  }

  constexpr std::optional<Contrast> FindContrast(std::string_view name) noexcept
  {
    for (const Contrast contrast : {Contrast::T2w, Contrast::CeT1w})
    {
      if (name == ToString(contrast))
      {
        return contrast;
      }
    }

    return std::nullopt;
  }
}
