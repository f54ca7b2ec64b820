// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Cpu/WinogradTiles.h"

#include <torch/torch.h>

#include <optional>

namespace H3K27M::Cpu
{
  // A 3x3 convolution with stride 1, its bias, a residual and the activation after it, in float32 on the CPU, by
  // minimal filtering (WinogradTiles.h): a quarter of the multiplications. oneDNN, which LibTorch calls, has none for
  // AVX2. All such convolutions of the paper's network took 89.0 ms a slice with oneDNN and 38.7 so on one thread
  // of an AMD EPYC, 57 and 32 on two, batch 4, when the products were still MKL's; those of WinogradTiles.h made the
  // whole network another seventh faster. Rounding errors are up to twice as large: 1.8e-5 on maps of deviation 1 with
  // 256 channels. Costs four times the weights in memory. Thread-safe.
  class WinogradConvolution
  {
  public:
    // No for a convolution of another kind (stride, groups, channels that are no multiples of eight), one that is not
    // on the CPU in float32, and a processor without the instructions.
    static bool Fits(const torch::nn::Conv2d& convolution);

    // Empty where it does not fit. The filters are transformed in float64, once for all.
    static std::optional<WinogradConvolution> TryMake(const torch::nn::Conv2d& convolution);

    // For weights [output, input, 3, 3] that change with every step of a training: transformed in float32. `bias`:
    // [output], or undefined.
    static WinogradConvolution MakeForOnce(const torch::Tensor& weight, const torch::Tensor& bias);

    // The gradient of the weights, of a result's gradient: [N, inputs, H, W] and [N, outputs, H, W] -> [outputs,
    // inputs, 3, 3]. By the transforms of the same algorithm, turned round.
    static torch::Tensor ComputeWeightGradient(const torch::Tensor& x, const torch::Tensor& resultGradient);

    // x [N, inputs, H, W] -> [N, outputs, H, W], channels last: y = convolution + residual, where negative leak * y.
    // leak 0: ReLU. `residual`: as the result, or undefined. Records no gradient.
    torch::Tensor Run(const torch::Tensor& x, double leak, const torch::Tensor& residual = {}) const;

  private:
    WinogradConvolution(const torch::Tensor& weight, const torch::Tensor& bias, torch::ScalarType precision);

    // All of it for a few tiles, whose matrices stay in the cache; for each thread some.
    void RunByTiles(const float* input, const TileGrid& grid, const TileEpilogue& epilogue, float* output) const;

    // Step by step over all tiles, for maps that have too few of them for all threads.
    void RunBySteps(const float* input, const TileGrid& grid, const TileEpilogue& epilogue, float* output) const;

    // Of `count` transformed tiles, for one position in them.
    void Multiply(const float* tiles, std::int64_t position, std::int64_t count, float* products) const;
    std::int64_t GetTilesAtOnce() const;

    std::int64_t inputs_;
    std::int64_t outputs_;
    torch::Tensor matrices_;  // [36, output / 8, input, output % 8]
    torch::Tensor bias_;      // [output]
  };
}
