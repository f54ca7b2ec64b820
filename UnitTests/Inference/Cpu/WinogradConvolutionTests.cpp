// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cpu/WinogradConvolution.h"
#include "UnitTests/Inference/Cpu/LaneTest.h"
#include "UnitTests/Inference/Network/ParityData.h"

#include <gtest/gtest.h>

namespace H3K27M::Cpu
{
  namespace
  {
    using Testing::GetLargestDifference;
    using Options = torch::nn::Conv2dOptions;

    class WinogradConvolutionTest : public Testing::LaneTest
    {
    protected:
      WinogradConvolutionTest() :
        LaneTest(11)
      {
      }

      void TearDown() override
      {
        torch::set_num_threads(threads_);
      }

      static torch::nn::Conv2d MakeConvolution(std::int64_t inputs, std::int64_t outputs)
      {
        return torch::nn::Conv2d(Options(inputs, outputs, 3).padding(1));
      }

      static torch::Tensor MakeMap(std::int64_t images, std::int64_t channels, std::int64_t rows, std::int64_t columns)
      {
        return torch::randn({images, channels, rows, columns}).contiguous(torch::MemoryFormat::ChannelsLast);
      }

      // In float64, by LibTorch.
      static torch::Tensor Expect(const torch::nn::Conv2d& convolution, const torch::Tensor& x, double leak,
                                  const torch::Tensor& residual = {})
      {
        const auto Double = [](const torch::Tensor& tensor)
        { return tensor.defined() ? tensor.detach().to(torch::kFloat64) : tensor; };
        torch::Tensor y = torch::conv2d(Double(x), Double(convolution->weight), Double(convolution->bias), 1, 1);
        y = residual.defined() ? y + Double(residual) : y;
        return torch::leaky_relu(y, leak).to(torch::kFloat32);
      }

      int threads_ = torch::get_num_threads();
    };

    constexpr double FILTERING_TOLERANCE = 2e-5;  // of values whose deviation is about 0.6

    TEST_F(WinogradConvolutionTest, ComputesWhatAConvolutionDoesOnMapsOfAnySize)
    {
      for (const auto& [rows, columns] : {std::pair(4, 4), std::pair(16, 12), std::pair(7, 9), std::pair(1, 3)})
      {
        const torch::nn::Conv2d convolution = MakeConvolution(16, 24);
        const auto fast = WinogradConvolution::TryMake(convolution);
        ASSERT_TRUE(fast);
        const torch::Tensor x = MakeMap(3, 16, rows, columns);
        EXPECT_LT(GetLargestDifference(fast->Run(x, 0.01), Expect(convolution, x, 0.01)), FILTERING_TOLERANCE)
          << rows << " x " << columns;
      }
    }

    TEST_F(WinogradConvolutionTest, AddsTheResidualBeforeTheActivation)
    {
      const torch::nn::Conv2d convolution = MakeConvolution(8, 8);
      const torch::Tensor x = MakeMap(2, 8, 10, 10);
      const torch::Tensor residual = 3 * MakeMap(2, 8, 10, 10);
      const torch::Tensor y = WinogradConvolution::TryMake(convolution)->Run(x, 0, residual);
      EXPECT_LT(GetLargestDifference(y, Expect(convolution, x, 0, residual)), FILTERING_TOLERANCE);
      EXPECT_EQ(0, y.min().item<float>());
    }

    // One thread goes through the map by groups of tiles; with many the map has too few of them.
    TEST_F(WinogradConvolutionTest, AnswersTheSameWithAnyNumberOfThreadsAndAnyOrderInMemory)
    {
      const torch::nn::Conv2d convolution = MakeConvolution(128, 136);
      const auto fast = WinogradConvolution::TryMake(convolution);
      const torch::Tensor x = MakeMap(2, 128, 32, 28);
      const torch::Tensor expected = Expect(convolution, x, 0.01);

      for (const int threads : {1, 2, 16})
      {
        torch::set_num_threads(threads);
        EXPECT_LT(GetLargestDifference(fast->Run(x, 0.01), expected), FILTERING_TOLERANCE) << threads;
        EXPECT_LT(GetLargestDifference(fast->Run(x.contiguous(), 0.01), expected), FILTERING_TOLERANCE) << threads;
      }
    }

    TEST_F(WinogradConvolutionTest, KeepsWhatIsNotANumber)
    {
      const torch::nn::Conv2d convolution = MakeConvolution(8, 8);
      torch::Tensor x = MakeMap(1, 8, 4, 4);
      x[0][0][2][2] = std::numeric_limits<float>::quiet_NaN();
      EXPECT_FALSE(torch::isfinite(WinogradConvolution::TryMake(convolution)->Run(x, 0)).all().item<bool>());
    }

    TEST_F(WinogradConvolutionTest, LeavesOtherConvolutionsAlone)
    {
      const auto CanMake = [](const Options& options)
      { return WinogradConvolution::TryMake(torch::nn::Conv2d(options)).has_value(); };
      EXPECT_TRUE(CanMake(Options(8, 16, 3).padding(1)));
      EXPECT_TRUE(CanMake(Options(8, 16, 3).padding(1).bias(false)));
      EXPECT_FALSE(CanMake(Options(8, 16, 3)));
      EXPECT_FALSE(CanMake(Options(8, 16, 3).padding(1).stride(2)));
      EXPECT_FALSE(CanMake(Options(8, 16, 3).padding(1).dilation(2)));
      EXPECT_FALSE(CanMake(Options(8, 16, 3).padding(1).groups(2)));
      EXPECT_FALSE(CanMake(Options(8, 16, 3).padding(1).padding_mode(torch::kReflect)));
      EXPECT_FALSE(CanMake(Options(8, 16, 3).padding(torch::kSame)));
      EXPECT_FALSE(CanMake(Options(8, 16, 1)));
      EXPECT_FALSE(CanMake(Options(3, 16, 3).padding(1)));
      torch::nn::Conv2d half(Options(8, 16, 3).padding(1));
      half->to(torch::kBFloat16);
      EXPECT_FALSE(WinogradConvolution::TryMake(half));
    }
  }
}
