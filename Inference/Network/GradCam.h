// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/GenotypeNet.h"

namespace H3K27M::Network
{
  // Which places of an image speak for one genotype and against the other (Grad-CAM, Selvaraju et al., ICCV 2017): the
  // channels of the finest map that the class depends on (ClassGradient), weighted by the mean gradient of the
  // difference of the two logits; what speaks against is 0. `images` [N, 3 or 1, S, S] as the network takes them,
  // `genotype` GENOTYPE_ALTERED or GENOTYPE_WILD_TYPE -> [N, S, S] float32 >= 0 on the network's device, interpolated
  // linearly to the images' size and not normalised: the maps of several slices can be compared. The network must be in
  // eval mode. A map shows where the network looked, not why, and nothing about the tissue.
  torch::Tensor ComputeGradCam(GenotypeNet network, const torch::Tensor& images, std::int64_t genotype);
}
