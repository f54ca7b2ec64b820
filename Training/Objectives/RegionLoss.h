// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Objectives/CoTrainingLoss.h"

namespace H3K27M::Objectives
{
  // The objective of the preset `recommended`, with the terms of CoTrainingLoss but for slices without tumour too (the
  // paper trains on tumour slices alone):
  //  - `iou`: soft IoU of tumour against background over the pixels of the whole batch. A slice without tumour then
  //    costs what its false positives cost, while the paper's form gives it no gradient.
  //  - `focal`: plain cross entropy of tumour against background over all pixels (the paper's weight 0.05 for
  //    background and its (1 - p)^2 leave scattered false positives almost free), and cross entropy of altered against
  //    wild type, given that a pixel is tumour, over the tumour's pixels. One answer per slice alone is a thin signal:
  //    the head then learns places, not looks.
  CoTrainingTerms RegionLoss(const torch::Tensor& classLogits, const torch::Tensor& segmentationLogits,
                             const CoTrainingTarget& target, const CoTrainingWeights& weights = {});
}
