// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/TissueContrast.h"

#include "Inference/Phantom/RandomSource.h"

namespace H3K27M::Phantom
{
  TissueContrast TissueContrast::Draw(std::uint64_t seed)
  {
    RandomSource random(seed, 0x636f6e7472);
    const auto draw = [&random](double low, double high) { return static_cast<float>(random.Uniform(low, high)); };
    TissueContrast contrast;
    contrast.white = draw(0.20, 0.38);
    contrast.grey = contrast.white * draw(1.12, 1.65);
    contrast.deepGrey = contrast.grey * draw(0.80, 0.98);
    contrast.fluid = draw(0.78, 1.05);
    contrast.fat = random.Chance(0.15) ? draw(0.10, 0.30) : draw(0.45, 1.10);
    contrast.muscle = draw(0.10, 0.28);
    contrast.bone = draw(0.01, 0.07);
    contrast.marrow = contrast.fat * draw(0.15, 0.5);
    contrast.eye = contrast.fluid * draw(0.90, 1.10);
    contrast.vessel = draw(0.02, 0.10);
    return contrast;
  }
}
