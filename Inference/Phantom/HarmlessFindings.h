// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/NoiseField.h"
#include "Inference/Phantom/TissueContrast.h"

#include <cstdint>
#include <vector>

namespace H3K27M::Phantom
{
  // What real heads have and what is no tumour: bright spots of white matter, fluid-filled cysts near the midline, and
  // lumps of every brightness in face and neck (tongue, glands, mucosa). They are in volumes with and without tumour,
  // so that a network learns to leave them alone. Drawn from a seed; immutable.
  class HarmlessFindings
  {
  public:
    HarmlessFindings(std::uint64_t seed, const TissueContrast& contrast);

    // The signal at a point of the brain where plain tissue would give `tissue`.
    float PaintBrain(const Point& atlas, float tissue) const noexcept;

    // The same outside the skull; `texture` is -1..1.
    float PaintFace(const Point& atlas, float tissue, float texture) const noexcept;

  private:
    struct Lump
    {
      Point centre;
      Point inverseAxes;  // 1 / mm
      float signal;
    };

    void DrawSpots(std::uint64_t seed, const TissueContrast& contrast);
    void DrawCyst(std::uint64_t seed, const TissueContrast& contrast);
    void DrawFace(std::uint64_t seed, const TissueContrast& contrast);

    std::vector<Lump> brain_;
    std::vector<Lump> face_;
  };
}
