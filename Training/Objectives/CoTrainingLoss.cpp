// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Objectives/CoTrainingLoss.h"

#include "Training/Objectives/FocalLoss.h"
#include "Training/Objectives/SoftIoULoss.h"

namespace H3K27M::Objectives
{
  namespace
  {
    torch::Tensor CrossEntropy(const torch::Tensor& logits, const CoTrainingTarget& target)
    {
      const torch::Tensor each = -torch::log_softmax(logits, 1).gather(1, target.label.unsqueeze(1)).squeeze(1);
      if (!target.hasClass.defined())
      {
        return each.mean();
      }
      return (each * target.hasClass).sum() / target.hasClass.sum().clamp_min(1);
    }
  }

  CoTrainingTerms CoTrainingLoss(const torch::Tensor& classLogits, const torch::Tensor& segmentationLogits,
                                 const CoTrainingTarget& target, const CoTrainingWeights& weights)
  {
    CoTrainingTerms terms;
    terms.crossEntropy = CrossEntropy(classLogits, target);
    terms.total = weights.crossEntropy * terms.crossEntropy;
    if (segmentationLogits.defined())
    {
      terms.iou = SoftIoULoss(segmentationLogits, target.mask);
      terms.focal = FocalLoss(segmentationLogits, target.mask);
      terms.total = terms.focal * weights.focal + terms.iou * weights.iou + terms.total;
    }
    return terms;
  }
}
