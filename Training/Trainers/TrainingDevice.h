// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/nn/module.h>

#include <cstddef>

namespace H3K27M::Trainers
{
  // All parameters and buffers. On a GPU the convolutions' weights get the memory layout (channels-last) of the
  // batches, else they would be laid out anew in every step. To be done before an optimizer is made.
  void MoveTo(torch::nn::Module& network, torch::Device device);

  // For BatchPrefetcher: on a CPU the network has all the cores, on a GPU they would be idle.
  std::size_t CountBatchesAhead(torch::Device device);
}
