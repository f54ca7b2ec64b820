// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/TumourModel.h"

#include "Inference/Phantom/Blend.h"
#include "Inference/Phantom/RandomSource.h"

#include <cmath>

namespace H3K27M::Phantom
{
  namespace
  {
    struct Site
    {
      const char* name;
      Point centre;  // template millimetres, RAS
      double minimumRadiusMm;
      double maximumRadiusMm;
    };

    // Pons twice: it is where most diffuse midline gliomas grow.
    constexpr std::array<Site, 6> sites = {{{"pons", {0, -27, -34}, 14, 21},
                                            {"pons", {0, -27, -34}, 15, 23},
                                            {"thalamus", {11, -18, 8}, 14, 22},
                                            {"midbrain", {2, -23, -12}, 13, 18},
                                            {"medulla", {0, -37, -50}, 11, 15},
                                            {"vermis", {0, -57, -30}, 14, 21}}};

    // The planted shift: features of both states are drawn round 0.5 with deviation 0.10, and the status moves their
    // mean by this much up or down, times the signal strength.
    constexpr double shift = 0.40;
    constexpr double deviation = 0.10;
  }

  TumourModel::TumourModel(const PhantomParameters& parameters, const NoiseField& noise,
                           const TissueContrast& contrast) :
    noise_(noise)
  {
    DrawShape(parameters);
    DrawAppearance(parameters, contrast);
  }

  void TumourModel::DrawShape(const PhantomParameters& parameters)
  {
    RandomSource random(parameters.seed, 0x7368617065);
    const Site& site = sites[random.Index(sites.size())];
    site_ = site.name;
    const double side = random.Chance(0.5) ? 1 : -1;
    centre_ = {static_cast<float>(side * site.centre.x + random.Uniform(-3, 3)),
               static_cast<float>(site.centre.y + random.Uniform(-3, 3)),
               static_cast<float>(site.centre.z + random.Uniform(-4, 4))};
    radiusMm_ = static_cast<float>(random.Uniform(site.minimumRadiusMm, site.maximumRadiusMm));
    for (float& axis : axes_)
    {
      axis = static_cast<float>(random.Uniform(0.8, 1.25));
    }
    shear_ = static_cast<float>(random.Uniform(-0.35, 0.35));
    lumps_ = static_cast<float>(random.Uniform(0.08, 0.28));
    massEffect_ = static_cast<float>(random.Uniform(0.15, 0.50));
    noiseOffset_ = {static_cast<float>(random.Uniform(0, 32)), static_cast<float>(random.Uniform(0, 32)),
                    static_cast<float>(random.Uniform(0, 32))};
    reachMm_ = 2.6f * radiusMm_;
  }

  void TumourModel::DrawAppearance(const PhantomParameters& parameters, const TissueContrast& contrast)
  {
    RandomSource random(parameters.seed, 0x6c6f6f6b);
    const double sign = parameters.status == GenotypeStatus::Altered ? 1 : -1;
    const auto feature = [&random, &parameters](double direction)
    {
      const double value = 0.5 + deviation * random.Gaussian() + direction * shift * parameters.signalStrength;
      return Clamp(static_cast<float>(value), 0, 1);
    };
    texture_ = feature(sign);
    core_ = feature(sign);
    rim_ = feature(-sign);
    base_ = Mix(contrast.grey, contrast.fluid, Mix(0.35f, 0.85f, feature(sign)));
    fluid_ = contrast.fluid * static_cast<float>(random.Uniform(0.80, 1.00));
    capsule_ = contrast.white * static_cast<float>(random.Uniform(0.6, 1.0));
    patchMm_ = static_cast<float>(random.Uniform(8, 13));
  }

  float TumourModel::Noise(const Point& atlas, float wavelengthMm) const noexcept
  {
    const float scale = 2 / wavelengthMm;
    return noise_.Evaluate(
      {atlas.x * scale + noiseOffset_.x, atlas.y * scale + noiseOffset_.y, atlas.z * scale + noiseOffset_.z});
  }

  float TumourModel::GetSquaredDistanceMm2(const Point& atlas) const noexcept
  {
    const float x = atlas.x - centre_.x;
    const float y = atlas.y - centre_.y;
    const float z = atlas.z - centre_.z;
    return x * x + y * y + z * z;
  }

  bool TumourModel::Reaches(const Point& atlas) const noexcept
  {
    return GetSquaredDistanceMm2(atlas) < reachMm_ * reachMm_;
  }

  Point TumourModel::Displace(const Point& atlas) const noexcept
  {
    const float ratio = std::sqrt(GetSquaredDistanceMm2(atlas)) / radiusMm_;
    const float fade = 1 - Step(0, reachMm_ / radiusMm_, ratio);
    const float keep = 1 - massEffect_ * fade;
    return {centre_.x + (atlas.x - centre_.x) * keep, centre_.y + (atlas.y - centre_.y) * keep,
            centre_.z + (atlas.z - centre_.z) * keep};
  }

  TumourModel::Sample TumourModel::Paint(const Point& atlas) const noexcept
  {
    const float x = (atlas.x - centre_.x) / axes_[0];
    const float y = (atlas.y - centre_.y + shear_ * (atlas.x - centre_.x)) / axes_[1];
    const float z = (atlas.z - centre_.z) / axes_[2];
    float ratio = std::sqrt(x * x + y * y + z * z) / radiusMm_;
    if (ratio > 2)
    {
      return {};
    }
    ratio += lumps_ * Noise(atlas, 1.6f * radiusMm_) + 0.25f * lumps_ * Noise(atlas, 8);

    const float marginMm = Mix(4.5f, 0.8f, rim_);
    const float half = 0.5f * marginMm / radiusMm_;
    const float fraction = 1 - Step(1 - half, 1 + half, ratio);
    const float edge = 0.5f / radiusMm_;
    const float inside = 1 - Step(1 - edge, 1 + edge, ratio);

    const float patches = Noise(atlas, patchMm_) + 0.5f * Noise(atlas, 0.5f * patchMm_);
    float signal = base_ * (1 + 0.9f * texture_ * patches);
    const float coreRadius = 0.75f * core_ - 0.05f;
    signal = Mix(fluid_, signal, Step(coreRadius - 0.08f, coreRadius + 0.08f, ratio + 0.15f * patches));
    const float rimRadius = 1 - 2.0f / radiusMm_;
    const float rimShape = 1 - Step(1.1f, 2.0f, std::fabs(ratio - rimRadius) * radiusMm_);
    signal = Mix(signal, capsule_, 0.9f * Step(0.45f, 0.85f, rim_) * rimShape);
    return {fraction, inside, signal};
  }
}
