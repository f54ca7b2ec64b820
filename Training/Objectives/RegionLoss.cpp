// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Objectives/RegionLoss.h"

#include "Inference/Network/Axes.h"

namespace H3K27M::Objectives
{
  CoTrainingTerms RegionLoss(const torch::Tensor& classLogits, const torch::Tensor& segmentationLogits,
                             const CoTrainingTarget& target, const CoTrainingWeights& weights)
  {
    CoTrainingTerms terms = CoTrainingLoss(classLogits, {}, target, weights);
    if (!segmentationLogits.defined())
    {
      return terms;
    }
    const torch::Tensor logProbability = torch::log_softmax(segmentationLogits, 1);
    const torch::Tensor logBackground = logProbability.select(1, Network::SEGMENTATION_BACKGROUND);
    const torch::Tensor logTumour =
      torch::logsumexp(logProbability.narrow(1, Network::SEGMENTATION_ALTERED, Network::GENOTYPE_CLASSES), 1);
    const torch::Tensor tumour = (target.mask != Network::SEGMENTATION_BACKGROUND).to(segmentationLogits.scalar_type());

    const torch::Tensor p = logTumour.exp();
    const torch::Tensor both = (p * tumour).sum();
    terms.iou = 1 - (both + 1) / (p.sum() + tumour.sum() - both + 1);
    const torch::Tensor crossEntropy = -(tumour * logTumour + (1 - tumour) * logBackground).mean();
    const torch::Tensor logRight = logProbability.gather(1, target.mask.unsqueeze(1)).squeeze(1);
    const torch::Tensor genotype = (tumour * (logTumour - logRight)).sum() / tumour.sum().clamp_min(1);
    terms.focal = crossEntropy + genotype;
    terms.total = terms.total + weights.iou * terms.iou + weights.focal * terms.focal;
    return terms;
  }
}
