// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <torch/types.h>

namespace H3K27M::Cpu
{
  // Whether Attend() takes such tokens: float32 on the CPU, a number of tokens and of features of a head that is a
  // multiple of 8, and a processor with the instructions.
  bool CanAttend(const torch::Tensor& tokens, std::int64_t heads);

  // Scaled dot-product attention, softmax(q k^T / sqrt(features of a head)) v: queries, keys and values [slice, token,
  // feature], of which each head has as many features side by side -> [slice, token, feature]. Heads are computed by a
  // thread each, two dozens of queries at a time, whose scores stay in the cache. Records no gradient. 1,024
  // tokens of 128 features took 27 ms a slice on one thread of a busy AMD EPYC, with LibTorch's own 34, which was a
  // quarter of the network's time.
  torch::Tensor Attend(const torch::Tensor& queries, const torch::Tensor& keys, const torch::Tensor& values,
                       std::int64_t heads);
}
