// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Objectives/CoTrainingLoss.h"

namespace H3K27M::Objectives
{
  // The objective of the preset `recommended`, with the same terms as CoTrainingLoss but three differences. Two
  // matter when tumour-free slices take part (the paper trains on tumour slices alone):
  //  - soft IoU of tumour against background over the pixels of the whole batch: a slice without tumour then costs what
  //    its false positives cost, while the paper's form gives it no gradient;
  //  - the focal term is the paper's plus plain cross entropy of tumour against background (weight 1): the paper's 0.05
  //    for background and (1 - p)^2 leave scattered false positives almost free.
  // The third lets every tumour pixel speak for the genotype:
  //  - to the focal term comes the cross entropy of altered against wild type, given that the pixel is tumour, averaged
  //    over the tumour's pixels. One answer per slice alone is a thin signal: the head then learns places, not looks.
  CoTrainingTerms RegionLoss(const torch::Tensor& classLogits, const torch::Tensor& segmentationLogits,
                             const CoTrainingTarget& target, const CoTrainingWeights& weights = {});
}
