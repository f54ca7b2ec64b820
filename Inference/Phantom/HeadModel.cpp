// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/HeadModel.h"

#include "Inference/Phantom/Blend.h"
#include "Inference/Phantom/RandomSource.h"

#include <cmath>

namespace H3K27M::Phantom
{
  namespace
  {
    struct Ellipsoid
    {
      Point centre;
      Point axes;
    };

    // Template millimetres, set by eye against axial T2 of adults.
    constexpr Ellipsoid face = {{0, 22, -62}, {67, 68, 78}};
    constexpr Ellipsoid nose = {{0, 84, -62}, {15, 26, 28}};
    constexpr Ellipsoid neck = {{0, -42, -95}, {64, 62, 75}};
    constexpr Ellipsoid ears = {{76, -22, -48}, {9, 15, 27}};
    constexpr Ellipsoid nasalCavity = {{0, 52, -62}, {19, 34, 26}};
    constexpr Ellipsoid maxillary = {{27, 47, -68}, {13, 15, 16}};
    constexpr Ellipsoid sphenoid = {{0, 14, -34}, {13, 12, 9}};
    constexpr Ellipsoid mastoid = {{47, -34, -46}, {15, 17, 14}};
    constexpr Ellipsoid deepGrey = {{0, -8, 2}, {36, 34, 20}};
    constexpr Ellipsoid basilarArtery = {{0, -14, -30}, {1.7f, 1.7f, 20}};
    constexpr Ellipsoid carotidArtery = {{13, 2, -22}, {2.2f, 2.6f, 9}};
    constexpr Ellipsoid sagittalSinus = {{0, -101, 18}, {2.6f, 3.2f, 30}};
    constexpr Ellipsoid spinalCanal = {{0, -48, -100}, {11, 9, 80}};
    constexpr Ellipsoid spinalCord = {{0, -47, -100}, {6.5f, 5, 80}};
    constexpr Point eyeCentre = {32, 60, -38};

    float Squared(float value) noexcept
    {
      return value * value;
    }

    // 1 on the surface. Shapes off the midline exist on the left and on the right.
    float GetSquaredRadius(const Ellipsoid& shape, const Point& point) noexcept
    {
      const float x = shape.centre.x != 0 && point.x < 0 ? -point.x : point.x;
      return Squared((x - shape.centre.x) / shape.axes.x) + Squared((point.y - shape.centre.y) / shape.axes.y) +
             Squared((point.z - shape.centre.z) / shape.axes.z);
    }

    bool IsInside(const Ellipsoid& shape, const Point& point) noexcept
    {
      return GetSquaredRadius(shape, point) < 1;
    }

    // Approximate distance inside the surface, mm.
    float GetDepthMm(const Ellipsoid& shape, const Point& point) noexcept
    {
      const float smallest = shape.axes.x < shape.axes.y ? shape.axes.x : shape.axes.y;
      return (1 - std::sqrt(GetSquaredRadius(shape, point))) * smallest;
    }

    // Maximum with a rounded transition of `widthMm`.
    float JoinDepths(float a, float b, float widthMm) noexcept
    {
      const float weight = Clamp(0.5f + 0.5f * (a - b) / widthMm, 0, 1);
      return Mix(b, a, weight) + widthMm * weight * (1 - weight) * 0.5f;
    }

    // Up to +-20 degrees; the Taylor series is exact to 1e-9 there, and equal everywhere, which std::sin is not.
    void SinCos(double angle, double& sine, double& cosine) noexcept
    {
      const double s = angle * angle;
      sine = angle * (1 - s / 6 * (1 - s / 20 * (1 - s / 42)));
      cosine = 1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - s / 56)));
    }

    Point Apply(const std::array<float, 9>& matrix, const Point& p) noexcept
    {
      return {matrix[0] * p.x + matrix[1] * p.y + matrix[2] * p.z, matrix[3] * p.x + matrix[4] * p.y + matrix[5] * p.z,
              matrix[6] * p.x + matrix[7] * p.y + matrix[8] * p.z};
    }
  }

  HeadModel::HeadModel(const TissueAtlas& atlas, const NoiseField& noise, std::uint64_t seed) :
    atlas_(atlas),
    noise_(noise),
    contrast_(TissueContrast::Draw(seed)),
    findings_(seed, contrast_)
  {
    DrawPose(seed);
    DrawLayers(seed);
  }

  void HeadModel::DrawPose(std::uint64_t seed)
  {
    RandomSource random(seed, 0x706f7365);
    constexpr double degree = 0.017453292519943295;
    const double pitch = degree * random.Uniform(-14, 10);
    const double yaw = degree * random.Uniform(-7, 7);
    const double roll = degree * random.Uniform(-6, 6);
    double sp = 0, cp = 0, sy = 0, cy = 0, sr = 0, cr = 0;
    SinCos(pitch, sp, cp);
    SinCos(yaw, sy, cy);
    SinCos(roll, sr, cr);
    // Rz(yaw) Ry(roll) Rx(pitch)
    const double rotation[9] = {cy * cr,
                                cy * sr * sp - sy * cp,
                                cy * sr * cp + sy * sp,
                                sy * cr,
                                sy * sr * sp + cy * cp,
                                sy * sr * cp - cy * sp,
                                -sr,
                                cr * sp,
                                cr * cp};
    const double size = random.Uniform(0.88, 1.06);
    const double scale[3] = {size * random.Uniform(0.94, 1.05), size * random.Uniform(0.94, 1.05),
                             size * random.Uniform(0.95, 1.05)};
    for (std::size_t row = 0; row < 3; row++)
    {
      for (std::size_t column = 0; column < 3; column++)
      {
        toWorld_[3 * row + column] = static_cast<float>(rotation[3 * row + column] * scale[column]);
        toAtlas_[3 * row + column] = static_cast<float>(rotation[3 * column + row] / scale[row]);
      }
    }
    noiseOffset_ = {static_cast<float>(random.Uniform(0, 32)), static_cast<float>(random.Uniform(0, 32)),
                    static_cast<float>(random.Uniform(0, 32))};
    warpMm_ = static_cast<float>(random.Uniform(2, 9));
  }

  void HeadModel::DrawLayers(std::uint64_t seed)
  {
    RandomSource random(seed, 0x6c61796572);
    const auto draw = [&random](double low, double high) { return static_cast<float>(random.Uniform(low, high)); };
    fluidShift_ = draw(-0.13, 0.22);
    sulcusDepth_ = draw(0.25, 0.95);
    tissueEdge_ = draw(0.2, 0.95);
    gapMm_ = draw(0.6, 3.2);
    skullMm_ = draw(4.0, 8.5);
    scalpMm_ = draw(3.0, 8.0);
    eyeRadiusMm_ = draw(10.5, 12.5);
  }

  float HeadModel::Noise(const Point& atlas, float wavelengthMm) const noexcept
  {
    const float scale = 2 / wavelengthMm;
    return noise_.Evaluate(
      {atlas.x * scale + noiseOffset_.x, atlas.y * scale + noiseOffset_.y, atlas.z * scale + noiseOffset_.z});
  }

  Point HeadModel::ToAtlas(const Point& world) const noexcept
  {
    Point atlas = Apply(toAtlas_, world);
    const Point coarse = {atlas.x + 400, atlas.y, atlas.z};
    const Point second = {atlas.x, atlas.y + 400, atlas.z};
    const Point third = {atlas.x, atlas.y, atlas.z + 400};
    const float x = Noise(coarse, 110) + 0.35f * Noise(coarse, 50);
    const float y = Noise(second, 110) + 0.35f * Noise(second, 50);
    const float z = Noise(third, 110) + 0.35f * Noise(third, 50);
    return {atlas.x + warpMm_ * x, atlas.y + warpMm_ * y, atlas.z + warpMm_ * z};
  }

  Point HeadModel::ToWorld(const Point& atlas) const noexcept
  {
    return Apply(toWorld_, atlas);
  }

  float HeadModel::GetSkinDepthMm(const Point& atlas) const noexcept
  {
    const float vault = gapMm_ + skullMm_ + scalpMm_ - atlas_.GetOutsideMm(atlas);
    float depth = JoinDepths(vault, GetDepthMm(face, atlas), 14);
    depth = JoinDepths(depth, GetDepthMm(neck, atlas), 14);
    depth = JoinDepths(depth, GetDepthMm(nose, atlas), 6);
    const float ear = GetDepthMm(ears, atlas);
    return depth > ear ? depth : ear;
  }

  PaintedPoint HeadModel::Paint(const Point& atlas, float skinDepthMm) const noexcept
  {
    if (skinDepthMm <= 0)
    {
      return {};
    }
    const TissueFractions tissue = atlas_.GetTissue(atlas);
    // Where all is brain the distance is 0 and need not be looked up.
    const bool allBrain = tissue.grey + tissue.white + tissue.fluid > 0.98f;
    const float outside = allBrain ? 0 : atlas_.GetOutsideMm(atlas);
    if (outside < gapMm_)
    {
      return PaintCavity(atlas, tissue, outside);
    }
    const float skullDepth = outside - gapMm_;
    // Fat is thicker below and behind; a thin grey line of skin ends it.
    const float fatMm = scalpMm_ * (atlas.z < -35 ? 1.3f : 0.85f) * (1 + 0.5f * Noise(atlas, 40));
    if (skinDepthMm < fatMm)
    {
      const float skin = Step(0.4f, 1.6f, skinDepthMm);
      return {contrast_.fat * (0.45f + 0.45f * skin + 0.25f * Noise(atlas, 9)), 0};
    }
    if (skullDepth < skullMm_)
    {
      return {PaintSkull(atlas, skullDepth), 0};
    }
    return {PaintEyes(atlas, PaintFace(atlas)), 0};
  }

  float HeadModel::PaintSulcus(const Point& atlas, const TissueFractions& tissue) const noexcept
  {
    if (tissue.grey < 0.4f || IsInside(deepGrey, atlas))
    {
      return 0;
    }
    const bool cerebellum = atlas.z < -16 && atlas.y < -44;
    const float ridge = cerebellum ? Noise({atlas.x * 0.6f, atlas.y, atlas.z * 1.6f}, 9) : Noise(atlas, 22);
    const float magnitude = ridge < 0 ? -ridge : ridge;
    const float strength = cerebellum ? 0.45f : 1.0f;
    return strength * sulcusDepth_ * Step(0.4f, 0.75f, tissue.grey) * (1 - Step(0.03f, 0.14f, magnitude));
  }

  PaintedPoint HeadModel::PaintCavity(const Point& atlas, const TissueFractions& tissue, float outsideMm) const noexcept
  {
    if (IsInside(basilarArtery, atlas) || IsInside(carotidArtery, atlas) || IsInside(sagittalSinus, atlas))
    {
      return {contrast_.vessel, 0};
    }
    const float whole = tissue.grey + tissue.white + tissue.fluid;
    float fluid = Step(0.16f + fluidShift_, 0.62f + fluidShift_, tissue.fluid);
    fluid += (1 - fluid) * PaintSulcus(atlas, tissue);
    const float rest = Clamp(1 - whole, 0, 1);
    const float solid = (1 - fluid) * (1 - rest);
    float liquid = contrast_.fluid;
    if (rest > 0.05f)
    {
      // What is not brain in the cavity: cisterns; meninges and vessels dim it towards the bone.
      const float dimmed = (1 - 0.5f * Step(0, gapMm_, outsideMm)) * (0.85f + 0.3f * Noise(atlas, 14));
      liquid *= Mix(1, dimmed, rest);
    }
    const float parts = tissue.grey + tissue.white;
    const float share = parts > 0.001f ? tissue.white / parts : 0;
    const float white = Mix(share, Step(0.2f, 0.8f, share), tissueEdge_);
    const float deep = 1 - Step(0.64f, 1.2f, GetSquaredRadius(deepGrey, atlas));
    const float grey = Mix(contrast_.grey, contrast_.deepGrey, deep);
    const float tissueSignal = findings_.PaintBrain(atlas, Mix(grey, contrast_.white, white));
    return {Mix(liquid, tissueSignal, solid), solid};
  }

  float HeadModel::PaintSkull(const Point& atlas, float depthMm) const noexcept
  {
    // Two dark tables and the marrow between them, which is patchy.
    const float middle = 1 - Step(0.10f, 0.42f, std::fabs(depthMm / skullMm_ - 0.5f));
    const float patch = Clamp(0.6f + 0.9f * Noise(atlas, 16), 0, 1);
    return Mix(contrast_.bone, contrast_.marrow, middle * patch);
  }

  float HeadModel::PaintFace(const Point& atlas) const noexcept
  {
    if (atlas.z < -56 && IsInside(spinalCanal, atlas))
    {
      return IsInside(spinalCord, atlas) ? contrast_.white : contrast_.fluid;
    }
    if (IsInside(nasalCavity, atlas) || IsInside(maxillary, atlas) || IsInside(sphenoid, atlas))
    {
      // Air with a lining and turbinates of mucosa, which is bright in T2.
      const float ridge = std::fabs(Noise({atlas.x, atlas.y * 0.4f, atlas.z}, 12));
      return Mix(contrast_.fluid * 0.6f, 0.005f, Step(0.04f, 0.12f, ridge));
    }
    if (IsInside(mastoid, atlas))
    {
      return contrast_.bone + contrast_.muscle * Clamp(Noise(atlas, 5) - 0.2f, 0, 1);
    }
    const float coarse = Noise(atlas, 24);
    const float fine = Noise({atlas.x, atlas.y, atlas.z * 0.5f}, 9);
    float signal = contrast_.muscle * (1 + 0.5f * fine);
    signal = Mix(signal, contrast_.fat * (0.75f + 0.3f * fine), Step(0.10f, 0.3f, coarse));
    signal = Mix(signal, contrast_.marrow, Step(0.25f, 0.4f, -coarse));
    signal = Mix(signal, contrast_.bone, 1 - Step(0.03f, 0.10f, std::fabs(coarse + 0.25f)));
    return findings_.PaintFace(atlas, signal, fine);
  }

  float HeadModel::PaintEyes(const Point& atlas, float otherwise) const noexcept
  {
    const float x = atlas.x < 0 ? -atlas.x : atlas.x;
    const float along = atlas.y - eyeCentre.y;
    const float distance = std::sqrt(Squared(x - eyeCentre.x) + Squared(along) + Squared(atlas.z - eyeCentre.z));
    if (distance < eyeRadiusMm_)
    {
      const bool lens = along > 0.45f * eyeRadiusMm_ && distance < 0.85f * eyeRadiusMm_;
      return lens ? contrast_.muscle : contrast_.eye;
    }
    // The orbit's cone of fat runs back and inwards, with the muscles and the optic nerve in it.
    if (along < 6 && along > -38)
    {
      const float axis = eyeCentre.x + 0.35f * along;
      const float across = std::sqrt(Squared(x - axis) + Squared(atlas.z - eyeCentre.z));
      const float width = 17 + 0.32f * (along < 0 ? along : 0);
      if (across < width)
      {
        return across < 2.2f || std::fabs(across - width * 0.72f) < 1.3f ? contrast_.muscle : contrast_.fat * 0.9f;
      }
    }
    return otherwise;
  }
}
