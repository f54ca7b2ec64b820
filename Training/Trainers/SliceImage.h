// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/SliceDataset.h"

#include <torch/types.h>

#include <cstddef>
#include <vector>

namespace H3K27M::Trainers
{
  // At most `limit` of the indices, from the middle of as many equal parts of the list.
  std::vector<std::size_t> PickEvenly(const std::vector<std::size_t>& indices, std::size_t limit);

  // The slices at `indices` of the data set as the network takes them, without augmentation: [n, 3, S, S] float32,
  // normalised.
  torch::Tensor MakeImages(const Data::SliceDataset& dataset, const std::vector<std::size_t>& indices);

  // The inverse, of the mean over the channels: [n, S, S] float32 in 0..1.
  torch::Tensor ToIntensity(const torch::Tensor& normalised);
}
