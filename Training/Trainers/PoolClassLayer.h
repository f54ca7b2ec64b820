// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/torch.h>

namespace H3K27M::Trainers
{
  // Sets the last linear layer of the classification head, which has a weight of its own for each of its channels at
  // each position of the map, to the mean over the positions: even channels speak for altered, odd ones for wild
  // type, with equal weights. Freezes it (requires_grad false). Drawn at random instead, the layer looks for other
  // features at each position, and what was learned of a tumour in the pons says nothing about one in the thalamus: a
  // few hundred cases are too few for that. Nothing is lost, because convolution and batch norm before it learn the
  // features. Applied twice it changes nothing. The module is a GenotypeNet of any variant.
  void PoolClassLayer(torch::nn::Module& network);

  // Whether the layer is that mean, as in a model that was trained so.
  bool HasPooledClassLayer(const torch::nn::Module& network);
}
