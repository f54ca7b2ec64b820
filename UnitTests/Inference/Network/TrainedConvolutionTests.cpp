// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/MinimalFilteringScope.h"
#include "Inference/Network/TrainedConvolution.h"
#include "UnitTests/Inference/Cpu/LaneTest.h"
#include "UnitTests/Inference/Network/ParityData.h"

#include <gtest/gtest.h>

namespace H3K27M::Network
{
  namespace
  {
    using Testing::GetLargestDifference;
    using Options = torch::nn::Conv2dOptions;

    // Relative to the deviation of what is compared. Seen: 1.1e-5 with 128 channels, where LibTorch's own convolution has
    // 8e-6, and 3e-5 in the gradient of its weights.
    constexpr double GRADIENT_TOLERANCE = 3e-5;

    struct Gradients
    {
      torch::Tensor result;
      torch::Tensor map;
      torch::Tensor weight;
      torch::Tensor bias;
    };

    // Of the sum of `seed` * convolution(x).
    Gradients Differentiate(torch::nn::Conv2d& convolution, const torch::Tensor& x, const torch::Tensor& seed)
    {
      convolution->zero_grad();
      const torch::Tensor map = x.detach().clone().requires_grad_();
      const torch::Tensor y = Convolve(convolution, map);
      y.backward(seed);
      return {y.detach(), map.grad(), convolution->weight.grad(), convolution->bias.grad()};
    }

    // The same by LibTorch in float64.
    Gradients DifferentiateExactly(const torch::nn::Conv2d& convolution, const torch::Tensor& x,
                                   const torch::Tensor& seed)
    {
      const auto Copy = [](const torch::Tensor& tensor)
      { return tensor.detach().to(torch::kFloat64).requires_grad_(); };
      const torch::Tensor map = Copy(x);
      const torch::Tensor weight = Copy(convolution->weight);
      const torch::Tensor bias = Copy(convolution->bias);
      const torch::Tensor y = torch::conv2d(map, weight, bias, 1, 1);
      y.backward(seed.to(torch::kFloat64));
      return {y.detach(), map.grad(), weight.grad(), bias.grad()};
    }

    double GetRelativeDifference(const torch::Tensor& seen, const torch::Tensor& expected)
    {
      return GetLargestDifference(seen.to(torch::kFloat64), expected) / expected.std().item<double>();
    }

    class TrainedConvolutionTest : public Testing::LaneTest
    {
    protected:
      TrainedConvolutionTest() :
        LaneTest(13)
      {
      }

      static torch::nn::Conv2d MakeConvolution(std::int64_t inputs, std::int64_t outputs)
      {
        return torch::nn::Conv2d(Options(inputs, outputs, 3).padding(1));
      }

      static torch::Tensor MakeMap(std::int64_t images, std::int64_t channels, std::int64_t rows, std::int64_t columns)
      {
        return torch::randn({images, channels, rows, columns}).contiguous(torch::MemoryFormat::ChannelsLast);
      }

      // Whether a step of the graph is ours.
      static bool IsFiltered(torch::nn::Conv2d& convolution, const torch::Tensor& x)
      {
        return Convolve(convolution, x).grad_fn()->name().find("FilteredConvolution") != std::string::npos;
      }

      MinimalFilteringScope scope_{true};
    };

    TEST_F(TrainedConvolutionTest, HasTheGradientsOfAConvolutionOnMapsOfAnySize)
    {
      for (const auto& [rows, columns] : {std::pair(4, 4), std::pair(16, 12), std::pair(7, 9), std::pair(1, 3)})
      {
        torch::nn::Conv2d convolution = MakeConvolution(16, 24);
        const torch::Tensor x = MakeMap(3, 16, rows, columns);
        const torch::Tensor seed = MakeMap(3, 24, rows, columns);
        ASSERT_TRUE(IsFiltered(convolution, x));
        const Gradients seen = Differentiate(convolution, x, seed);
        const Gradients expected = DifferentiateExactly(convolution, x, seed);
        const std::string size = std::to_string(rows) + " x " + std::to_string(columns);
        EXPECT_LT(GetRelativeDifference(seen.result, expected.result), GRADIENT_TOLERANCE) << size;
        EXPECT_LT(GetRelativeDifference(seen.map, expected.map), GRADIENT_TOLERANCE) << size;
        EXPECT_LT(GetRelativeDifference(seen.weight, expected.weight), GRADIENT_TOLERANCE) << size;
        EXPECT_LT(GetRelativeDifference(seen.bias, expected.bias), GRADIENT_TOLERANCE) << size;
      }
    }

    TEST_F(TrainedConvolutionTest, TakesMapsAndGradientsInAnyOrderInMemory)
    {
      torch::nn::Conv2d convolution = MakeConvolution(128, 64);
      const torch::Tensor x = MakeMap(2, 128, 20, 24);
      const torch::Tensor seed = MakeMap(2, 64, 20, 24);
      const Gradients expected = DifferentiateExactly(convolution, x, seed);
      const Gradients seen = Differentiate(convolution, x.contiguous(), seed.contiguous());
      EXPECT_LT(GetRelativeDifference(seen.map, expected.map), GRADIENT_TOLERANCE);
      EXPECT_LT(GetRelativeDifference(seen.weight, expected.weight), GRADIENT_TOLERANCE);
    }

    // The first steps of a fine-tuning with a frozen encoder, and the first convolution of a network.
    TEST_F(TrainedConvolutionTest, LeavesOutTheGradientsThatNobodyAskedFor)
    {
      torch::nn::Conv2d frozen = MakeConvolution(8, 8);
      frozen->weight.requires_grad_(false);
      frozen->bias.requires_grad_(false);
      const torch::Tensor map = MakeMap(1, 8, 6, 6).requires_grad_();
      Convolve(frozen, map).sum().backward();
      EXPECT_TRUE(map.grad().defined());
      EXPECT_FALSE(frozen->weight.grad().defined());
      EXPECT_FALSE(frozen->bias.grad().defined());

      torch::nn::Conv2d first(Options(8, 8, 3).padding(1).bias(false));
      const torch::Tensor image = MakeMap(1, 8, 6, 6);
      Convolve(first, image).sum().backward();
      EXPECT_TRUE(first->weight.grad().defined());
      EXPECT_FALSE(image.grad().defined());
    }

    TEST_F(TrainedConvolutionTest, LeavesToLibTorchWhatItCannotDoAsWellAndAllThatIsOutsideOfTheScope)
    {
      torch::nn::Conv2d convolution = MakeConvolution(8, 8);
      const torch::Tensor x = MakeMap(1, 8, 6, 6);
      EXPECT_TRUE(IsFiltered(convolution, x));
      convolution->eval();
      EXPECT_FALSE(IsFiltered(convolution, x)) << "evaluation has kernels of its own";
      EXPECT_TRUE(torch::equal(Convolve(convolution, x), convolution(x)));
      convolution->train();
      convolution->to(torch::kFloat64);
      EXPECT_FALSE(IsFiltered(convolution, x.to(torch::kFloat64)));
      torch::nn::Conv2d halving(Options(8, 8, 3).padding(1).stride(2));
      EXPECT_FALSE(IsFiltered(halving, x));
      torch::nn::Conv2d narrow(Options(8, 4, 3).padding(1));
      EXPECT_FALSE(IsFiltered(narrow, x));
      torch::nn::Conv2d published = MakeConvolution(8, 8);
      {
        const MinimalFilteringScope off(false);
        EXPECT_FALSE(IsFiltered(published, x));
      }
      EXPECT_TRUE(IsFiltered(published, x));
    }
  }
}
