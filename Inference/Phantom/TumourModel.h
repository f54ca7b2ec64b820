// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/NoiseField.h"
#include "Inference/Phantom/PhantomParameters.h"
#include "Inference/Phantom/TissueContrast.h"

#include <array>
#include <string>

namespace H3K27M::Phantom
{
  // A midline tumour in atlas space: place, lumpy shape, mass effect, and the features in which the status is planted.
  // Every random number is drawn without looking at the status, so that at signal strength 0 both states give the same
  // tumour; the status only shifts four features: brightness, `texture_`, `core_` and `rim_`. Immutable once built.
  class TumourModel
  {
  public:
    // Borrows `noise`.
    TumourModel(const PhantomParameters& parameters, const NoiseField& noise, const TissueContrast& contrast);

    const std::string& GetSite() const noexcept
    {
      return site_;
    }

    const Point& GetCentre() const noexcept
    {
      return centre_;
    }

    // Whether tumour or mass effect can matter at this point.
    bool Reaches(const Point& atlas) const noexcept;

    float GetRadiusMm() const noexcept
    {
      return radiusMm_;
    }

    // Where the anatomy at `atlas` came from before the tumour pushed it outwards.
    Point Displace(const Point& atlas) const noexcept;

    struct Sample
    {
      float fraction = 0;  // 0..1, a half at the border: how much of the signal is tumour
      float inside = 0;    // the same with a margin of 1 mm whatever the status: what the mask is made of
      float signal = 0;
    };

    Sample Paint(const Point& atlas) const noexcept;

  private:
    float GetSquaredDistanceMm2(const Point& atlas) const noexcept;
    void DrawShape(const PhantomParameters& parameters);
    void DrawAppearance(const PhantomParameters& parameters, const TissueContrast& contrast);
    float Noise(const Point& atlas, float wavelengthMm) const noexcept;

    const NoiseField& noise_;
    std::string site_;
    Point centre_;
    float radiusMm_ = 0;
    float reachMm_ = 0;
    std::array<float, 3> axes_{};  // semi-axes relative to the radius
    float shear_ = 0;
    float lumps_ = 0;
    float massEffect_ = 0;
    Point noiseOffset_;

    float base_ = 0;     // signal of the solid part
    float fluid_ = 0;    // signal of the necrotic core
    float capsule_ = 0;  // signal of the dark rim
    float texture_ = 0;  // 0..1: homogeneous .. coarse patches
    float core_ = 0;     // 0..1: solid .. large necrotic core
    float rim_ = 0;      // 0..1: ill-defined border .. sharp border with a dark rim
    float patchMm_ = 0;
  };
}
