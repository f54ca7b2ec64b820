// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/ImageGrid.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Reports
{
  // The paper's figure 3, at its left, from a file of Runs::SaveReconstructions: original, masked and reconstructed at
  // 0.40 and at 0.60. Throws what TensorMap::Load throws.
  ImageGrid MakeReconstructionGrid(const std::string& name, const std::filesystem::path& file);

  // The paper's figure 4, from a file of Runs::SaveSaliencyMaps: image with the hand contour, saliency, both. Red
  // speaks most for altered, then yellow; blue little.
  ImageGrid MakeSaliencyGrid(const std::string& name, const std::filesystem::path& file);

  // The paper's figure S2, from the same file: image, image with the hand contour in green, and with the network's
  // outline in magenta as well; yellow where the two meet. Empty where the file holds no predicted masks. The second
  // one: of these slices of the file alone, in this order.
  std::optional<ImageGrid> MakeMaskGrid(const std::string& name, const std::filesystem::path& file);
  std::optional<ImageGrid> MakeMaskGrid(const std::string& name, const std::filesystem::path& file,
                                        const std::vector<std::size_t>& slices);
}
