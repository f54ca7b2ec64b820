// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/PhantomVolume.h"

#include <memory>

namespace H3K27M::Phantom
{
  class TissueAtlas;

  // Makes synthetic head volumes on the anatomy of the ICBM-152 tissue maps. Equal parameters give equal bytes on
  // every machine: own random numbers, no function of libm but the square root (which IEEE 754 rounds to the last
  // bit), no contraction of floating-point operations.
  // Immutable once built, so Generate() may be called from several threads at once.
  class PhantomGenerator
  {
  public:
    // On the atlas that is embedded in the program.
    PhantomGenerator();

    // `atlas`: shared, because a training run has one generator per loader thread.
    explicit PhantomGenerator(std::shared_ptr<const TissueAtlas> atlas);

    ~PhantomGenerator();

    // Throws Error(BadInput) before anything is allocated when the parameters are out of range.
    PhantomVolume Generate(const PhantomParameters& parameters) const;

  private:
    std::shared_ptr<const TissueAtlas> atlas_;
  };
}
