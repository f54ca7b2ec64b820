// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/Table.h"

#include <filesystem>
#include <string>

namespace H3K27M::Reports
{
  // Where the maps of a file of Runs::SaveSaliencyMaps lie, a row for each slice, in the order of the figure: the share
  // of the slice's saliency in the tumour's core, in its rim and outside, beside the share of the area. Rim: pixels
  // from which the contour is no farther than 1/64 of the image's side (a cell of the map at the decoder's depth; one
  // pixel at least), row- or columnwise, on either side; core: the rest of the tumour. Throws what TensorMap::Load
  // throws.
  Table MakeSaliencyTable(const std::string& name, const std::filesystem::path& file);
}
