// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/RandomSource.h"
#include "Training/Data/SliceDataset.h"

#include <cstdint>
#include <span>

namespace H3K27M::Data
{
  // What may happen to a training slice. Each with probability 0.5 (paper, section 2.4), on intensities of 0..1.
  struct AugmentationOptions
  {
    double brightness = 0.2;  // added, at most; less below a quarter of the range (ours)
    double contrast = 0.2;    // factor 1 +- this
    double shift = 0.05;      // of the side
    double scale = 0.05;
    double rotationDegrees = 5;
    bool flipColumns = true;  // left and right
    bool flipRows = false;    // front and back: the paper flips without saying how; a PACS never does
    double gamma = 0;         // exponent 1 +- this (ours)
    double noise = 0;         // deviation, at most (ours)
    double blur = 0;          // share of a 3 x 3 mean, at most (ours)

    // The paper's list (Training/README.md says what of it is ours), and what trains best on phantoms.
    static AugmentationOptions Paper();
    static AugmentationOptions Recommended();
    static AugmentationOptions None();
  };

  // Draws from `random` and writes the changed slice: `image` [S, S] float32, normalised as Preprocess/Normalisation.h
  // says (bilinear), `mask` [S, S], 1 = tumour (nearest). What comes from outside the image is 0.
  void WriteAugmented(const StoredSlice& slice, const AugmentationOptions& options, Phantom::RandomSource& random,
                      std::span<float> image, std::span<std::uint8_t> mask);
}
