// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Masks
{
  // A measure for a person to read: four digits; what rounding leaves of nothing is 0.
  std::string ToShortText(double value);
}
