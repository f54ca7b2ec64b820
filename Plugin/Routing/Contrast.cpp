// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/Contrast.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Routing
{
  Contrast ParseContrast(const std::string& text)
  {
    if (const auto contrast = text.empty() ? Contrast::T2w : Protocol::FindContrast(text))
    {
      return *contrast;
    }
    throw Error(ErrorCode::BadInput, "'contrast' must be T2w or ceT1w");
  }

  std::string Describe(Contrast contrast)
  {
    return contrast == Contrast::T2w ? "axial T2-weighted MR of the head"
                                     : "axial T1-weighted MR of the head after a contrast agent";
  }
}
