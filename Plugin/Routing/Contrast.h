// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Contrast.h"

#include <string>

namespace H3K27M::Routing
{
  using Protocol::Contrast;
  using Protocol::ToString;

  // Empty text: T2w. Throws Error(BadInput).
  Contrast ParseContrast(const std::string& text);

  // For sentences: "axial T2-weighted MR of the head".
  std::string Describe(Contrast contrast);
}
