// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/HarmlessFindings.h"

#include "Inference/Phantom/Blend.h"
#include "Inference/Phantom/RandomSource.h"

#include <array>

namespace H3K27M::Phantom
{
  namespace
  {
    float GetSquaredRadius(const Point& centre, const Point& inverseAxes, const Point& point) noexcept
    {
      const float x = (point.x - centre.x) * inverseAxes.x;
      const float y = (point.y - centre.y) * inverseAxes.y;
      const float z = (point.z - centre.z) * inverseAxes.z;
      return x * x + y * y + z * z;
    }

    float Draw(RandomSource& random, double low, double high)
    {
      return static_cast<float>(random.Uniform(low, high));
    }
  }

  HarmlessFindings::HarmlessFindings(std::uint64_t seed, const TissueContrast& contrast)
  {
    DrawSpots(seed, contrast);
    DrawCyst(seed, contrast);
    DrawFace(seed, contrast);
  }

  void HarmlessFindings::DrawSpots(std::uint64_t seed, const TissueContrast& contrast)
  {
    RandomSource random(seed, 0x73706f74);
    const unsigned int count = random.Chance(0.35) ? 1 + random.Index(6) : 0;
    for (unsigned int i = 0; i < count; i++)
    {
      const float side = random.Chance(0.5) ? 1.0f : -1.0f;
      const float inverse = 1 / Draw(random, 1.2, 3.5);
      const Point centre = {side * Draw(random, 18, 40), Draw(random, -60, 40), Draw(random, 12, 45)};
      brain_.push_back({centre, {inverse, inverse, inverse}, contrast.fluid * 0.8f});
    }
  }

  void HarmlessFindings::DrawCyst(std::uint64_t seed, const TissueContrast& contrast)
  {
    RandomSource random(seed, 0x63797374);
    // Large cisterna magna, pineal cyst, wide suprasellar cistern, wide fourth ventricle.
    constexpr std::array<Point, 4> places = {{{0, -66, -52}, {0, -32, 2}, {0, 0, -18}, {0, -46, -32}}};
    const Point& place = places[random.Index(places.size())];
    const bool present = random.Chance(0.3);
    const Point centre = {place.x + Draw(random, -4, 4), place.y + Draw(random, -3, 3), place.z + Draw(random, -3, 3)};
    const Point inverse = {1 / Draw(random, 3, 9), 1 / Draw(random, 3, 9), 1 / Draw(random, 3, 9)};
    if (present)
    {
      brain_.push_back({centre, inverse, contrast.fluid});
    }
  }

  void HarmlessFindings::DrawFace(std::uint64_t seed, const TissueContrast& contrast)
  {
    RandomSource random(seed, 0x66616365);
    const unsigned int count = 4 + random.Index(9);
    for (unsigned int i = 0; i < count; i++)
    {
      const Point centre = {Draw(random, -55, 55), Draw(random, -20, 75), Draw(random, -115, -40)};
      const Point inverse = {1 / Draw(random, 4, 16), 1 / Draw(random, 4, 18), 1 / Draw(random, 4, 16)};
      face_.push_back({centre, inverse, contrast.fluid * Draw(random, 0.05, 1.05)});
    }
  }

  float HarmlessFindings::PaintBrain(const Point& atlas, float tissue) const noexcept
  {
    for (const Lump& lump : brain_)
    {
      tissue = Mix(lump.signal, tissue, Step(0.5f, 1.5f, GetSquaredRadius(lump.centre, lump.inverseAxes, atlas)));
    }
    return tissue;
  }

  float HarmlessFindings::PaintFace(const Point& atlas, float tissue, float texture) const noexcept
  {
    for (const Lump& lump : face_)
    {
      const float squared = GetSquaredRadius(lump.centre, lump.inverseAxes, atlas) + 0.3f * texture;
      if (squared < 1.2f)
      {
        tissue = Mix(lump.signal * (1 + 0.4f * texture), tissue, Step(0.8f, 1.2f, squared));
      }
    }
    return tissue;
  }
}
