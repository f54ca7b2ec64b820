// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/GradCam.h"

#include "Inference/Network/Axes.h"

namespace H3K27M::Network
{
  torch::Tensor ComputeGradCam(GenotypeNet network, const torch::Tensor& images, std::int64_t genotype)
  {
    const ClassGradient found = network->DifferentiateClass(images);
    const torch::NoGradGuard noGrad;
    const torch::Tensor weights =
      found.gradient.to(torch::kFloat32).mean({AXIS_ROW, AXIS_COLUMN}, true) * (genotype == GENOTYPE_ALTERED ? 1 : -1);
    const torch::Tensor map = (weights * found.map.to(torch::kFloat32)).sum(AXIS_CHANNEL, true).relu();
    return torch::upsample_bilinear2d(map, images.sizes().slice(2), false).squeeze(AXIS_CHANNEL).contiguous();
  }
}
