// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/GenotypeNet.h"

namespace H3K27M::Evaluation
{
  // Which places of an image speak for "altered" (Grad-CAM, Selvaraju et al., ICCV 2017): the channels of the finest
  // map that the class depends on (GenotypeOutput::class_map), weighted by the mean gradient of logit altered minus
  // logit wild type; what speaks against is 0. `images` [N, 3, S, S] as the network takes them -> [N, S, S] float32,
  // each slice divided by its own maximum (all 0 where nothing speaks for it). The network is set to eval mode; its
  // gradients stay as they are. It shows where the network looked, not why, and nothing about the tissue.
  torch::Tensor ComputeGradCam(Network::GenotypeNet network, const torch::Tensor& images);
}
