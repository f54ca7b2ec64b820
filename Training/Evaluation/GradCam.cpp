// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/GradCam.h"

#include "Inference/Network/Axes.h"

namespace H3K27M::Evaluation
{
  torch::Tensor ComputeGradCam(Network::GenotypeNet network, const torch::Tensor& images)
  {
    const torch::AutoGradMode withGradient(true);
    network->eval();
    const Network::GenotypeOutput output = network(images);
    const torch::Tensor score =
      output.cls_logits.select(1, Network::GENOTYPE_ALTERED) - output.cls_logits.select(1, Network::GENOTYPE_WILD_TYPE);
    const torch::Tensor gradient = torch::autograd::grad({score.sum()}, {output.class_map})[0];
    const torch::NoGradGuard done;
    torch::Tensor map = (gradient.mean({2, 3}, true) * output.class_map).sum(Network::AXIS_CHANNEL, true).relu();
    map = torch::upsample_bilinear2d(map, images.sizes().slice(2), false).squeeze(Network::AXIS_CHANNEL);
    const torch::Tensor highest = map.amax({1, 2}, true);
    return torch::where(highest > 0, map / highest, torch::zeros_like(map)).to(torch::kFloat32).contiguous();
  }
}
