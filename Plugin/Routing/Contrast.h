// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Routing
{
  // Which images of a study are meant. Triage reads T2-weighted ones; masks, data sets and runs may be of the other.
  enum class Contrast
  {
    T2w,
    CeT1w  // T1-weighted after a contrast agent
  };

  // "T2w", "ceT1w": in REST, manifests and the engine's configuration.
  constexpr const char* ToString(Contrast contrast)
  {
    return contrast == Contrast::T2w ? "T2w" : "ceT1w";
  }

  // Empty text: T2w. Throws Error(BadInput).
  Contrast ParseContrast(const std::string& text);

  // For sentences: "axial T2-weighted MR of the head".
  std::string Describe(Contrast contrast);
}
