// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Objectives
{
  // What one batch is compared with.
  struct CoTrainingTarget
  {
    torch::Tensor label;     // [N] int64: Network::GENOTYPE_*
    torch::Tensor mask;      // [N, row, column] int64: Network::SEGMENTATION_*
    torch::Tensor hasClass;  // [N] float 0 or 1: whether the slice takes part in the cross entropy (tumour-free slices
                             // have no genotype); undefined = all do, as in the paper
  };

  struct CoTrainingWeights
  {
    double crossEntropy = 0.1;  // the paper's 1:10:10 times 0.1: the scale sets the effective learning rate
    double iou = 1;
    double focal = 1;
  };

  struct CoTrainingTerms
  {
    torch::Tensor crossEntropy;
    torch::Tensor iou;
    torch::Tensor focal;
    torch::Tensor total;
  };

  // Losses of classification and segmentation together (paper, section 2.6). `seg_logits` may be undefined (variant
  // `classification`): then the total is the weighted cross entropy alone. Computed in float32 or float64.
  CoTrainingTerms CoTrainingLoss(const torch::Tensor& classLogits, const torch::Tensor& segmentationLogits,
                                 const CoTrainingTarget& target, const CoTrainingWeights& weights = {});
}
