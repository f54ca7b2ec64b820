// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string_view>

namespace H3K27M::Phantom
{
  enum class GenotypeStatus
  {
    Altered,  // class index 0, the positive class
    WildType  // class index 1
  };

  // "altered", "wild-type": the names of the wire protocol and of participants.tsv.
  std::string_view ToString(GenotypeStatus status) noexcept;

  // Throws Error(BadInput) naming the text.
  GenotypeStatus ParseGenotypeStatus(std::string_view text);

  // What is asked of the generator. Everything that is not listed here (pose, anatomy, contrast, noise, the tumour's
  // place, size and shape) is drawn from `seed`. A plain value; Validate() is called by the generator before it
  // allocates anything.
  struct PhantomParameters
  {
    std::uint64_t seed = 0;
    GenotypeStatus status = GenotypeStatus::Altered;
    bool hasTumour = true;

    // How far the status shows in the image, 0..1. At 0 the volumes of both states are equal to the byte;
    // at 1 the distributions of the planted features hardly overlap. See Inference/Phantom/README.md.
    double signalStrength = 1.0;

    unsigned int rows = 256;
    unsigned int columns = 256;
    unsigned int slices = 24;
    double pixelSpacingMm = 0.9;  // between rows and between columns
    double sliceSpacingMm = 5.5;  // between the centres of neighbouring slices

    // Throws Error(BadInput) that names the field and its range. Checked with 64-bit arithmetic.
    void Validate() const;

    // The same phantom on a matrix, spacing and slice count as scanners make them (256 to 512, 3 to 6 mm), drawn
    // from `seed`; the head stays inside the field of view. With `maximumMatrix` 256 training data stay cheap.
    static PhantomParameters DrawAcquisition(std::uint64_t seed, unsigned int maximumMatrix);
  };
}
