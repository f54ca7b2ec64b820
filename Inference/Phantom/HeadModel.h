// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/HarmlessFindings.h"
#include "Inference/Phantom/NoiseField.h"
#include "Inference/Phantom/TissueAtlas.h"
#include "Inference/Phantom/TissueContrast.h"

#include <array>
#include <cstdint>

namespace H3K27M::Phantom
{
  // Signal at a point and how much of it is brain tissue (grey and white matter).
  struct PaintedPoint
  {
    float signal = 0;
    float brain = 0;
  };

  // One head: the average anatomy with a pose, size, warp, ventricles, sulci, skull, scalp, face and harmless
  // findings of its own, all drawn from a seed. World points are RAS in mm with the anterior commissure near the
  // origin; atlas points are the template's. Borrows atlas and noise; immutable once built.
  class HeadModel
  {
  public:
    HeadModel(const TissueAtlas& atlas, const NoiseField& noise, std::uint64_t seed);

    const TissueContrast& GetContrast() const noexcept
    {
      return contrast_;
    }

    Point ToAtlas(const Point& world) const noexcept;

    // Without the warp (at most some 10 mm): good enough to place a slab.
    Point ToWorld(const Point& atlas) const noexcept;

    // Depth below the skin in mm, negative in air.
    float GetSkinDepthMm(const Point& atlas) const noexcept;

    // `skinDepthMm` is given because it is smooth and therefore interpolated by the caller.
    PaintedPoint Paint(const Point& atlas, float skinDepthMm) const noexcept;

  private:
    void DrawPose(std::uint64_t seed);
    void DrawLayers(std::uint64_t seed);

    float Noise(const Point& atlas, float wavelengthMm) const noexcept;
    PaintedPoint PaintCavity(const Point& atlas, const TissueFractions& tissue, float outsideMm) const noexcept;
    float PaintSulcus(const Point& atlas, const TissueFractions& tissue) const noexcept;
    float PaintSkull(const Point& atlas, float depthMm) const noexcept;
    float PaintFace(const Point& atlas) const noexcept;
    float PaintEyes(const Point& atlas, float otherwise) const noexcept;

    const TissueAtlas& atlas_;
    const NoiseField& noise_;
    TissueContrast contrast_;
    HarmlessFindings findings_;

    std::array<float, 9> toAtlas_{};  // row-major: scale and rotation
    std::array<float, 9> toWorld_{};
    Point noiseOffset_;
    float warpMm_ = 0;
    float fluidShift_ = 0;  // negative: wide ventricles and sulci
    float sulcusDepth_ = 0;
    float tissueEdge_ = 0;  // how sharply grey and white matter part
    float gapMm_ = 0;       // fluid between brain and skull
    float skullMm_ = 0;
    float scalpMm_ = 0;
    float eyeRadiusMm_ = 0;
  };
}
