// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>

// What LibTorch computes in several passes over memory, in one: kernels for inference in bf16 and fp16. All memory is
// the device's; maps are [image, row, column, channel], channels a multiple of 8; sums are float32, as LibTorch's.
// They are put on `stream` (a cudaStream_t) and return at once. Throw Error(Internal) with CUDA's text.
namespace H3K27M::Cuda
{
  enum class HalfType
  {
    BFloat16,
    Float16
  };

  struct KernelPlace
  {
    HalfType type = HalfType::BFloat16;
    void* stream = nullptr;
  };

  // y = y + bias + residual, where negative leak * y. `residual`: as y, or null.
  struct Activation
  {
    const void* bias = nullptr;  // [channel]
    const void* residual = nullptr;
    float leak = 0;
  };

  // `map` [pixel, channel], in place.
  void Activate(void* map, std::int64_t pixels, std::int64_t channels, const Activation& activation,
                const KernelPlace& place);

  struct TokenNorm
  {
    const void* weight = nullptr;  // [feature]
    const void* bias = nullptr;    // [feature]
    float epsilon = 0;
  };

  // Whether AddAndNormalise() takes tokens of so many features.
  bool CanNormalise(std::int64_t features) noexcept;

  // [token, feature]
  struct TokenBatch
  {
    const void* tokens = nullptr;
    const void* addend = nullptr;  // as tokens, or null
    std::int64_t count = 0;
    std::int64_t features = 0;
  };

  // sum = tokens + addend, normalised = layer norm of it, both as the tokens. Without an addend `sum` is not written.
  void AddAndNormalise(const TokenBatch& batch, const TokenNorm& norm, void* sum, void* normalised,
                       const KernelPlace& place);

  // The stem's convolution (7 x 7, stride 2, one channel) as a matrix product: the pixels that each output pixel sees.
  constexpr std::int64_t STEM_SIDE = 7;
  constexpr std::int64_t STEM_COLUMNS = 56;  // 49, and 7 of zeros: rows of 16 bytes

  // `image` [image, size, size] -> `columns` [image, size / 2, size / 2, STEM_COLUMNS].
  void GatherStem(const void* image, std::int64_t images, std::int64_t size, void* columns, const KernelPlace& place);

  struct StemMap
  {
    const void* map = nullptr;   // [image, side, side, channel]
    const void* bias = nullptr;  // [channel]
    std::int64_t images = 0;
    std::int64_t side = 0;  // even
    std::int64_t channels = 0;
  };

  // Bias, ReLU and 3 x 3 maximum with stride 2 -> `pooled` [image, side / 2, side / 2, channel].
  void PoolStem(const StemMap& stem, void* pooled, const KernelPlace& place);
}
