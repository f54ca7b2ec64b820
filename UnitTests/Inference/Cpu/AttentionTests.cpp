// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cpu/Attention.h"
#include "UnitTests/Inference/Cpu/LaneTest.h"
#include "UnitTests/Inference/Network/ParityData.h"

#include <gtest/gtest.h>

#include <limits>

namespace H3K27M::Cpu
{
  namespace
  {
    using Testing::GetLargestDifference;
    constexpr double ATTENTION_TOLERANCE = 2e-6;  // of values whose deviation is 1 at most

    class AttentionTest : public Testing::LaneTest
    {
    protected:
      AttentionTest() :
        LaneTest(17)
      {
      }

      // In float64, by the formula.
      static torch::Tensor Expect(const torch::Tensor& queries, const torch::Tensor& keys, const torch::Tensor& values,
                                  std::int64_t heads)
      {
        const auto Split = [heads](const torch::Tensor& tokens)
        { return tokens.to(torch::kFloat64).unflatten(-1, {heads, -1}).transpose(1, 2); };
        const torch::Tensor q = Split(queries);
        const torch::Tensor scores = q.matmul(Split(keys).transpose(-1, -2)) / std::sqrt(q.size(-1));
        return scores.softmax(-1).matmul(Split(values)).transpose(1, 2).flatten(2).to(torch::kFloat32);
      }
    };

    TEST_F(AttentionTest, MixesTheValuesOfEachHeadByTheSoftmaxOfItsScores)
    {
      for (const auto& [tokens, heads, features] :
           {std::tuple(8, 1, 8), std::tuple(256, 8, 32), std::tuple(40, 2, 16), std::tuple(1024, 8, 16)})
      {
        const torch::Tensor q = torch::randn({2, tokens, heads * features});
        const torch::Tensor k = torch::randn({2, tokens, heads * features});
        const torch::Tensor v = torch::randn({2, tokens, heads * features});
        EXPECT_LT(GetLargestDifference(Attend(q, k, v, heads), Expect(q, k, v, heads)), ATTENTION_TOLERANCE)
          << tokens << " tokens, " << heads << " heads of " << features;
      }
    }

    TEST_F(AttentionTest, TakesPartsOfMergedProjections)
    {
      const torch::Tensor merged = torch::randn({3, 48, 3 * 64});
      const auto parts = merged.chunk(3, -1);
      ASSERT_FALSE(parts[1].is_contiguous());
      EXPECT_LT(GetLargestDifference(Attend(parts[0], parts[1], parts[2], 4), Expect(parts[0], parts[1], parts[2], 4)),
                ATTENTION_TOLERANCE);
    }

    TEST_F(AttentionTest, HoldsForScoresThatNoExponentialCanTake)
    {
      const torch::Tensor q = 100 * torch::randn({1, 16, 8});
      const torch::Tensor k = 100 * torch::randn({1, 16, 8});
      const torch::Tensor v = torch::randn({1, 16, 8});
      EXPECT_LT(GetLargestDifference(Attend(q, k, v, 1), Expect(q, k, v, 1)), ATTENTION_TOLERANCE);
    }

    TEST_F(AttentionTest, KeepsWhatIsNotANumber)
    {
      const torch::Tensor tokens = torch::randn({1, 8, 8});
      torch::Tensor broken = tokens.clone();
      broken[0][5][3] = std::numeric_limits<float>::quiet_NaN();
      EXPECT_TRUE(Attend(tokens, broken, tokens, 1).isnan().all().item<bool>()) << "a key is in each query's sum";
      const torch::Tensor answers = Attend(broken, tokens, tokens, 1);
      EXPECT_TRUE(answers[0][5].isnan().all().item<bool>());
      EXPECT_FALSE(answers[0][4].isnan().any().item<bool>()) << "a query is its own alone";
    }

    TEST_F(AttentionTest, SaysWhichTokensItTakes)
    {
      EXPECT_TRUE(CanAttend(torch::zeros({1, 8, 16}), 2));
      EXPECT_FALSE(CanAttend(torch::zeros({1, 4, 16}), 2));
      EXPECT_FALSE(CanAttend(torch::zeros({1, 8, 16}), 4));
      EXPECT_FALSE(CanAttend(torch::zeros({1, 8, 16}, torch::kFloat64), 2));
    }
  }
}
