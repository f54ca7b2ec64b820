// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/PhantomVolume.h"

#include <string>
#include <string_view>

namespace H3K27M::Phantom
{
  // The metadata `request` of the protocol's verb `phantom`: {seed, status, signal_strength, rows, columns, slices,
  // pixel_spacing_mm, slice_spacing_mm, tumour}; all but `seed` are optional. Unknown keys, wrong types and values out
  // of range throw Error(BadInput) naming the key.
  PhantomParameters ParsePhantomRequest(std::string_view json);

  // The metadata `phantom` of the verb `phantom-begin`, compact JSON: what was asked, the geometry
  // (first_slice_position_mm in LPS) and tumour_volume_mm3, tumour_site, slice_thickness_mm, echo_time_ms,
  // repetition_time_ms. `status` is null without a tumour.
  std::string DescribePhantom(const PhantomVolume& volume);
}
