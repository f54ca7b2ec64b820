// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/nn/module.h>

namespace H3K27M::Network
{
  // For inference in float32 on the CPU, after GenotypeNet::PrepareForInference(): the 3x3 convolutions with stride 1,
  // two thirds of all multiplications, by minimal filtering (WinogradConvolution.h), with bias, residual and activation
  // in the same pass. No gradient reaches through them any more. Not for training: with the larger rounding errors the
  // step of two processes was no longer that of one to 1e-6, and hardly faster.
  void UseWinograd(torch::nn::Module& network);
}
