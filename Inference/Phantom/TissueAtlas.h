// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/NoiseField.h"

#include <array>
#include <filesystem>
#include <memory>
#include <vector>

namespace H3K27M::Protocol
{
  class SafetensorsFile;
}

namespace H3K27M::Phantom
{
  // Fractions of a voxel, each 0..1; what they leave of 1 is no brain.
  struct TissueFractions
  {
    float grey = 0;
    float white = 0;
    float fluid = 0;
  };

  // The average anatomy of Resources/Phantom/icbm152.safetensors: tissue fractions and the distance from the cranial
  // cavity. Points are in the template's frame: RAS, mm, origin at the anterior commissure. Only the half x >= 0 is
  // stored. Immutable, so threads may share one.
  class TissueAtlas
  {
  public:
    static std::shared_ptr<const TissueAtlas> LoadEmbedded();

    // Throws Error(Corrupt) when the file's tensors are not as make-tissue-atlas.py writes them.
    static std::shared_ptr<const TissueAtlas> Load(const std::filesystem::path& path);

    TissueFractions GetTissue(const Point& point) const noexcept;

    // Distance from the closed brain in mm, 0 inside; saturates at 127 mm and outside the grid.
    float GetOutsideMm(const Point& point) const noexcept;

  private:
    struct Grid
    {
      float spacingMm = 1;
      float nodesPerMm = 1;
      Point originMm;
      std::array<int, 3> size{};  // x, y, z
    };

    explicit TissueAtlas(const Protocol::SafetensorsFile& file);

    static Grid ReadGrid(const Protocol::SafetensorsFile& file, const char* prefix, const char* tensor);

    Grid tissueGrid_;
    Grid outsideGrid_;
    std::vector<std::array<float, 4>> tissue_;  // [z, y, x] {grey, white, fluid, 0}; a vector register each
    std::vector<float> outside_;                // [z, y, x], mm
  };
}
