// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cpu/Attention.h"

#include "Inference/Cpu/CanCompute.h"
#include "Inference/Cpu/Lanes.h"
#include "Inference/Cpu/PanelProduct.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace H3K27M::Cpu
{
  namespace
  {
    constexpr std::int64_t QUERIES_AT_ONCE = 24;  // their scores of 1,024 keys are 96 KiB

    // The rows of one head: token after token, `stride` floats apart.
    struct HeadRows
    {
      const float* data = nullptr;
      std::int64_t stride = 0;
    };

    struct HeadShape
    {
      std::int64_t tokens = 0;
      std::int64_t features = 0;
    };

    using Words = std::uint32_t __attribute__((vector_size(sizeof(std::uint32_t) * LANES)));

    // 2 to the power of x <= 0; relative error below 2e-7. Less than 2^-126 becomes that.
    H3K27M_LANES_INLINE Lanes PowerOfTwo(Lanes x)
    {
      // Added to a small number, its last bits are the number's nearest whole one.
      constexpr float ROUNDER = 12582912.0F;
      constexpr std::uint32_t EXPONENT_BITS = 23;
      constexpr std::uint32_t ONE = 0x3F800000;
      const Lanes least = Lanes{} - 126.0F;
      x = x < least ? least : x;
      const Lanes rounded = x + ROUNDER;
      const Lanes f = x - (rounded - ROUNDER);
      Words bits;
      std::memcpy(&bits, &rounded, sizeof(bits));
      bits = (bits << EXPONENT_BITS) + ONE;
      Lanes scale;
      std::memcpy(&scale, &bits, sizeof(scale));
      // ln(2)^k / k!
      Lanes sum = Lanes{} + 1.5403530e-4F;
      sum = sum * f + 1.3333558e-3F;
      sum = sum * f + 9.6181291e-3F;
      sum = sum * f + 5.5504109e-2F;
      sum = sum * f + 2.4022651e-1F;
      sum = sum * f + 6.9314718e-1F;
      sum = sum * f + 1.0F;
      return sum * scale;
    }

    H3K27M_LANES_INLINE float GetLargest(const float* values, std::int64_t count)
    {
      Lanes largest = Load(values);

      for (std::int64_t i = LANES; i < count; i += LANES)
      {
        const Lanes next = Load(values + i);
        largest = next > largest ? next : largest;
      }

      float result = largest[0];

      for (std::int64_t lane = 1; lane < LANES; lane++)
      {
        result = std::max(result, largest[lane]);
      }

      return result;
    }

    // Of scores: 2^(factor * (score - largest)), in place. Returns the sum.
    H3K27M_LANES_TARGET float Exponentiate(float* scores, std::int64_t count, float factor) noexcept
    {
      const float largest = GetLargest(scores, count);
      Lanes sum = {};

      for (std::int64_t i = 0; i < count; i += LANES)
      {
        const Lanes power = PowerOfTwo(factor * (Load(scores + i) - largest));
        sum += power;
        Store(scores + i, power);
      }

      float total = 0;

      for (std::int64_t lane = 0; lane < LANES; lane++)
      {
        total += sum[lane];
      }

      return total;
    }

    // Keys [token, feature] -> [token / 8, feature, token % 8]: the right side of queries times keys.
    void PackKeys(const HeadRows& keys, const HeadShape& shape, float* packed) noexcept
    {
      for (std::int64_t token = 0; token < shape.tokens; token++)
      {
        float* const target = packed + token / LANES * LANES * shape.features + token % LANES;

        for (std::int64_t feature = 0; feature < shape.features; feature++)
        {
          target[feature * LANES] = keys.data[token * keys.stride + feature];
        }
      }
    }

    // Values [token, feature] -> [feature / 8, token, feature % 8]: the right side of weights times values.
    void PackValues(const HeadRows& values, const HeadShape& shape, float* packed) noexcept
    {
      for (std::int64_t vector = 0; vector < shape.features / LANES; vector++)
      {
        for (std::int64_t token = 0; token < shape.tokens; token++)
        {
          std::copy_n(values.data + token * values.stride + vector * LANES, LANES,
                      packed + (vector * shape.tokens + token) * LANES);
        }
      }
    }

    // One head of one slice.
    class HeadAttention
    {
    public:
      explicit HeadAttention(const HeadShape& shape) :
        shape_(shape),
        factor_(std::numbers::log2e_v<float> / std::sqrt(static_cast<float>(shape.features))),
        keys_(static_cast<std::size_t>(shape.tokens * shape.features)),
        values_(keys_.size()),
        scores_(static_cast<std::size_t>(QUERIES_AT_ONCE * shape.tokens))
      {
      }

      void Run(const HeadRows& queries, const HeadRows& keys, const HeadRows& values, float* result,
               std::int64_t resultStride)
      {
        PackKeys(keys, shape_, keys_.data());
        PackValues(values, shape_, values_.data());

        for (std::int64_t first = 0; first < shape_.tokens; first += QUERIES_AT_ONCE)
        {
          const std::int64_t count = std::min(QUERIES_AT_ONCE, shape_.tokens - first);
          MultiplyPanels(queries.data + first * queries.stride, keys_.data(),
                         {shape_.features, shape_.tokens, queries.stride, shape_.tokens}, count, scores_.data());
          Mix(count, result + first * resultStride, resultStride);
        }
      }

    private:
      // Of as many queries: the values, weighted by the softmax of the scores.
      void Mix(std::int64_t count, float* result, std::int64_t resultStride)
      {
        float shares[QUERIES_AT_ONCE] = {};

        for (std::int64_t i = 0; i < count; i++)
        {
          shares[i] = 1 / Exponentiate(scores_.data() + i * shape_.tokens, shape_.tokens, factor_);
        }

        MultiplyPanels(scores_.data(), values_.data(), {shape_.tokens, shape_.features, shape_.tokens, resultStride},
                       count, result);

        for (std::int64_t i = 0; i < count; i++)
        {
          for (std::int64_t feature = 0; feature < shape_.features; feature++)
          {
            result[i * resultStride + feature] *= shares[i];
          }
        }
      }

      HeadShape shape_;
      float factor_;               // of an exponent of two
      std::vector<float> keys_;    // see PackKeys()
      std::vector<float> values_;  // see PackValues()
      std::vector<float> scores_;  // [query, token]
    };

    // With its features side by side: rows of merged projections are wider than their tokens.
    torch::Tensor WithPlainRows(const torch::Tensor& tokens)
    {
      return tokens.stride(-1) == 1 ? tokens : tokens.contiguous();
    }

    HeadRows GetRows(const torch::Tensor& tokens, std::int64_t slice, std::int64_t feature)
    {
      return {tokens.const_data_ptr<float>() + slice * tokens.stride(0) + feature, tokens.stride(1)};
    }
  }

  bool CanAttend(const torch::Tensor& tokens, std::int64_t heads)
  {
    return CanCompute(tokens) && tokens.size(1) % LANES == 0 && tokens.size(2) % (heads * LANES) == 0;
  }

  torch::Tensor Attend(const torch::Tensor& queries, const torch::Tensor& keys, const torch::Tensor& values,
                       std::int64_t heads)
  {
    const torch::NoGradGuard noGrad;
    TORCH_CHECK(CanAttend(queries, heads) && keys.sizes() == queries.sizes() && values.sizes() == queries.sizes(),
                "such tokens cannot be mixed");
    const torch::Tensor q = WithPlainRows(queries);
    const torch::Tensor k = WithPlainRows(keys);
    const torch::Tensor v = WithPlainRows(values);
    const HeadShape shape{q.size(1), q.size(2) / heads};
    torch::Tensor result = torch::empty(q.sizes(), q.options());
    auto* const target = result.data_ptr<float>();
    at::parallel_for(0, q.size(0) * heads, 1, [&](std::int64_t begin, std::int64_t end)
    {
      HeadAttention attention(shape);

      for (std::int64_t i = begin; i < end; i++)
      {
        const std::int64_t slice = i / heads;
        const std::int64_t feature = i % heads * shape.features;
        attention.Run(GetRows(q, slice, feature), GetRows(k, slice, feature), GetRows(v, slice, feature),
                      target + slice * result.stride(0) + feature, result.stride(1));
      }
    });
    return result;
  }
}
