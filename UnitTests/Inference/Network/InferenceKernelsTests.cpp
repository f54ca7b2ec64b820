// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Network/InferenceKernels.h"
#include "UnitTests/Inference/Network/TinyNetwork.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace H3K27M::Network
{
  namespace
  {
    // Computes what the network computes, by the same operators, and counts who asked.
    class CountingKernels : public IInferenceKernels
    {
    public:
      explicit CountingKernels(bool serves = true) :
        serves_(serves)
      {
      }

      FusedConvolution MakeConvolution(const torch::nn::Conv2d& convolution) const override
      {
        if (!serves_)
        {
          return {};
        }
        return [this, convolution](const torch::Tensor& x, double leak, const torch::Tensor& residual)
        {
          ++calls["convolution"];
          torch::nn::Conv2d module = convolution;
          const torch::Tensor y = module(x);
          return torch::leaky_relu(residual.defined() ? y + residual : y, leak);
        };
      }

      FusedConvolution MakeTransposed(const torch::nn::ConvTranspose2d& convolution) const override
      {
        if (!serves_)
        {
          return {};
        }
        return [this, convolution](const torch::Tensor& x, double leak, const torch::Tensor&)
        {
          ++calls["transposed"];
          torch::nn::ConvTranspose2d module = convolution;
          return torch::leaky_relu(module(x), leak);
        };
      }

      FusedStem MakeStem(const torch::nn::Conv2d& convolution) const override
      {
        if (!serves_)
        {
          return {};
        }
        return [this, convolution](const torch::Tensor& image)
        {
          ++calls["stem"];
          torch::nn::Conv2d module = convolution;
          return torch::max_pool2d(torch::relu(module(image)), 3, 2, 1);
        };
      }

      FusedNorm MakeNorm(const torch::nn::LayerNorm& norm) const override
      {
        if (!serves_)
        {
          return {};
        }
        return [this, norm](const torch::Tensor& tokens, const torch::Tensor& addend)
        {
          ++calls["norm"];
          torch::nn::LayerNorm module = norm;
          const torch::Tensor sum = addend.defined() ? tokens + addend : tokens;
          return NormalisedSum{sum, module(sum)};
        };
      }

      FusedAttention MakeAttention(std::int64_t heads) const override
      {
        if (!serves_)
        {
          return {};
        }
        return [this, heads](const torch::Tensor& queries, const torch::Tensor& keys, const torch::Tensor& values)
        {
          ++calls["attention"];
          return AttendByLibTorch(queries, keys, values, heads);
        };
      }

      bool MergesProjections() const override
      {
        return serves_;
      }

      mutable std::map<std::string, int> calls;

    private:
      bool serves_;
    };

    torch::Tensor Answer(GenotypeNet& network)
    {
      const torch::NoGradGuard noGrad;
      const GenotypeOutput output = network(Testing::MakeTinyInput(2, 1, 32));
      return torch::cat({output.cls_logits.flatten(), output.seg_logits.flatten(), output.signature.flatten()});
    }

    GenotypeNet MakeNetwork()
    {
      GenotypeNet network(Testing::MakeTinyOptions(Variant::Fusion));
      network->PrepareForInference();
      return network;
    }
  }

  TEST(InferenceKernels, TakeOverTheirStepsAndLeaveTheAnswers)
  {
    GenotypeNet network = MakeNetwork();
    const torch::Tensor before = Answer(network);
    const CountingKernels kernels;
    UseKernels(*network, kernels);
    EXPECT_LT(Testing::GetLargestDifference(before, Answer(network)), 1e-5);
    // Eight residual blocks and two bottlenecks of two convolutions; two stages up and the first of the logits; two
    // transformers of two layers with two norms, and a last one.
    EXPECT_EQ(kernels.calls, (std::map<std::string, int>{
                               {"attention", 4}, {"convolution", 20}, {"norm", 10}, {"stem", 1}, {"transposed", 3}}));
  }

  TEST(InferenceKernels, ThatServeNothingChangeNothing)
  {
    GenotypeNet network = MakeNetwork();
    const torch::Tensor before = Answer(network);
    UseKernels(*network, CountingKernels(false));
    EXPECT_TRUE(torch::equal(before, Answer(network)));
  }
}
