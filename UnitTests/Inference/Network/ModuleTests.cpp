// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Network/BaselineHead.h"
#include "Inference/Network/ChannelAttention.h"
#include "Inference/Network/GenotypeNet.h"
#include "Inference/Network/MaskedAutoencoder.h"
#include "Inference/Network/TransformerBlock.h"
#include "Inference/Protocol/Error.h"
#include "UnitTests/Inference/Network/ParityData.h"
#include "UnitTests/Inference/Network/TinyNetwork.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace H3K27M
{
  namespace
  {
    using Network::Variant;
    using Testing::GetLargestDifference;
    using Testing::MakeTinyInput;
    using Testing::MakeTinyOptions;
    using Shape = std::vector<std::int64_t>;

    std::int64_t CountParameters(const torch::nn::Module& module)
    {
      std::int64_t count = 0;
      for (const torch::Tensor& parameter : module.parameters())
      {
        count += parameter.numel();
      }
      return count;
    }

    TEST(ResNetEncoder, GivesAQuarterAnEighthAndASixteenth)
    {
      Network::ResNetEncoder encoder(MakeTinyOptions(Variant::Fusion));
      const auto maps = encoder(MakeTinyInput(2, 3, 32));
      EXPECT_EQ(maps.quarter.sizes().vec(), (Shape{2, 16, 8, 8}));
      EXPECT_EQ(maps.eighth.sizes().vec(), (Shape{2, 32, 4, 4}));
      EXPECT_EQ(maps.sixteenth.sizes().vec(), (Shape{2, 64, 2, 2}));
    }

    TEST(TransformerBlock, KeepsTheShapeOfTheMap)
    {
      Network::TransformerBlock block(Network::TransformerOptions{12, 16});
      EXPECT_EQ(block(torch::randn({2, 16, 3, 4})).sizes().vec(), (Shape{2, 16, 3, 4}));
    }

    TEST(TransformerBlock, TakesEachPositionsOwnEmbedding)
    {
      torch::manual_seed(1);
      Network::TransformerBlock block(Network::TransformerOptions{12, 16});
      block->eval();
      const torch::Tensor map = torch::randn({1, 16, 3, 4});
      // Without positions the answer to a mirrored map would be the mirrored answer.
      EXPECT_GT(GetLargestDifference(block(map.flip(3)), block(map).flip(3)), 1e-4);
    }

    TEST(UNetDecoder, ComesBackToTheInputSize)
    {
      const auto options = MakeTinyOptions(Variant::Fusion);
      Network::Backbone backbone(options);
      Network::UNetDecoder decoder(options, 3);
      const auto decoded = decoder(backbone(MakeTinyInput(2, 3, 32)));
      EXPECT_EQ(decoded.eighth.sizes().vec(), (Shape{2, 64, 4, 4}));
      EXPECT_EQ(decoded.quarter.sizes().vec(), (Shape{2, 32, 8, 8}));
      EXPECT_EQ(decoded.logits.sizes().vec(), (Shape{2, 3, 32, 32}));
    }

    TEST(ChannelAttention, ScalesEachChannelByOneFactorBetweenZeroAndOne)
    {
      Network::ChannelAttention attention(32);
      const torch::Tensor map = torch::rand({2, 32, 4, 4}) + 0.5;
      const torch::Tensor factor = attention(map) / map;
      EXPECT_EQ(factor.sizes().vec(), (Shape{2, 32, 4, 4}));
      EXPECT_LT(GetLargestDifference(factor, factor.mean({2, 3}, true).expand_as(factor)), 1e-6);
      EXPECT_GT(factor.min().item<double>(), 0);
      EXPECT_LT(factor.max().item<double>(), 1);
    }

    TEST(BaselineHead, GivesTwoLogitsAndTheFeatureBeforeThem)
    {
      Network::BaselineHead head(MakeTinyOptions(Variant::Classification));
      const auto output = head(torch::randn({3, 64, 2, 2}));
      EXPECT_EQ(output.logits.sizes().vec(), (Shape{3, 2}));
      EXPECT_EQ(output.feature.sizes().vec(), (Shape{3, 8}));
    }

    TEST(GenotypeNet, HasThePublishedNumberOfParameters)
    {
      EXPECT_EQ(CountParameters(*Network::GenotypeNet(Network::NetworkOptions{Variant::Fusion})), 5890397);
      EXPECT_EQ(CountParameters(*Network::GenotypeNet(Network::NetworkOptions{Variant::Parallel})), 5747325);
      EXPECT_EQ(CountParameters(*Network::GenotypeNet(Network::NetworkOptions{Variant::Classification})), 4527546);
      EXPECT_EQ(CountParameters(*Network::MaskedAutoencoder(Network::NetworkOptions{})), 5667075);
    }

    TEST(GenotypeNet, GivesItsOutputsForEveryVariant)
    {
      for (const Variant variant : {Variant::Classification, Variant::Parallel, Variant::Fusion})
      {
        Network::GenotypeNet network(MakeTinyOptions(variant));
        const auto output = network(MakeTinyInput(2, 3, 32));
        EXPECT_EQ(output.cls_logits.sizes().vec(), (Shape{2, 2}));
        EXPECT_EQ(output.feature.sizes().vec(), (Shape{2, 8}));
        EXPECT_EQ(output.seg_logits.defined(), variant != Variant::Classification);
      }
    }

    TEST(GenotypeNet, TakesOtherInputSizes)
    {
      auto options = MakeTinyOptions(Variant::Fusion);
      options.inputSize = 48;
      Network::GenotypeNet network(options);
      EXPECT_EQ(network(MakeTinyInput(1, 3, 48)).seg_logits.sizes().vec(), (Shape{1, 3, 48, 48}));
    }

    TEST(GenotypeNet, GradientReachesEveryParameter)
    {
      for (const Variant variant : {Variant::Classification, Variant::Parallel, Variant::Fusion})
      {
        torch::manual_seed(3);
        Network::GenotypeNet network(MakeTinyOptions(variant));
        Testing::FillByFormula(*network);
        network->train();
        const auto output = network(MakeTinyInput(4, 3, 32));
        torch::Tensor loss = output.cls_logits.square().sum();
        if (output.seg_logits.defined())
        {
          loss = loss + output.seg_logits.square().sum();
        }
        loss.backward();
        for (const auto& item : network->named_parameters())
        {
          ASSERT_TRUE(item.value().grad().defined()) << item.key();
          // A key's bias adds the same to all scores of a query, and a bias before a batch norm is subtracted again:
          // both have no effect, so their gradient is rounding only.
          const bool hasNoEffect = item.key().ends_with("k_mlp.bias") || item.key().find("conv") != std::string::npos;
          if (!hasNoEffect || !item.key().ends_with("bias"))
          {
            EXPECT_GT(item.value().grad().abs().max().item<double>(), 0) << item.key();
          }
        }
      }
    }

    TEST(MaskedAutoencoder, GradientReachesEveryParameter)
    {
      Network::MaskedAutoencoder network(MakeTinyOptions(Variant::MaskedAutoencoder));
      Testing::FillByFormula(*network);
      network(MakeTinyInput(4, 3, 32)).square().sum().backward();
      for (const auto& item : network->named_parameters())
      {
        EXPECT_TRUE(item.value().grad().defined()) << item.key();
      }
    }

    TEST(GenotypeNet, FoldingAndSummingTheStemChangeNothing)
    {
      for (const Variant variant : {Variant::Classification, Variant::Parallel, Variant::Fusion})
      {
        const c10::InferenceMode guard;
        Network::GenotypeNet network(MakeTinyOptions(variant));
        Testing::FillByFormula(*network);
        network->eval();
        const torch::Tensor grey = MakeTinyInput(2, 1, 32);
        const auto before = network(grey.repeat({1, 3, 1, 1}));
        network->PrepareForInference();
        const auto after = network(grey);
        EXPECT_LT(GetLargestDifference(before.cls_logits, after.cls_logits), 1e-4);
        if (before.seg_logits.defined())
        {
          EXPECT_LT(GetLargestDifference(before.seg_logits, after.seg_logits), 1e-4);
        }
      }
    }

    TEST(GenotypeNet, MovesTheBiasesThatFoldingMade)
    {
      Network::GenotypeNet network(Testing::MakeTinyOptions(Variant::Fusion));
      network->PrepareForInference();
      network->MoveTo(torch::kCPU, torch::kFloat64);
      int biases = 0;
      for (const auto& part : network->modules())
      {
        if (auto* const convolution = part->as<torch::nn::Conv2dImpl>(); convolution && convolution->bias.defined())
        {
          EXPECT_EQ(convolution->bias.scalar_type(), torch::kFloat64);
          ++biases;
        }
      }
      EXPECT_GT(biases, 10);
    }

    TEST(GenotypeNet, RefusesImagesOfAnotherShape)
    {
      Network::GenotypeNet network(MakeTinyOptions(Variant::Fusion));
      EXPECT_THROW(network(MakeTinyInput(1, 3, 48)), Error);
      EXPECT_THROW(network(MakeTinyInput(1, 1, 32)), Error);
      EXPECT_THROW(network(torch::zeros({3, 32, 32})), Error);
      EXPECT_THROW(network(torch::zeros({1, 3, 32, 32}, torch::kInt64)), Error);
    }

    TEST(NetworkOptions, RefusesSizesThatTheNetworkCannotHave)
    {
      for (const std::int64_t size : {0, -16, 100, 2048})
      {
        auto options = MakeTinyOptions(Variant::Fusion);
        options.inputSize = size;
        EXPECT_THROW(Network::GenotypeNet{options}, Error) << size;
      }
      auto narrow = MakeTinyOptions(Variant::Fusion);
      narrow.width = 12;
      EXPECT_THROW(Network::GenotypeNet{narrow}, Error);
      EXPECT_THROW(Network::GenotypeNet{MakeTinyOptions(Variant::MaskedAutoencoder)}, Error);
    }

    TEST(Variant, IsNamedAsOnTheCommandLine)
    {
      for (const char* name : {"classification", "parallel", "fusion", "mae"})
      {
        EXPECT_EQ(ToString(Network::ParseVariant(name)), name);
      }
      EXPECT_THROW(Network::ParseVariant("Fusion"), Error);
    }
  }
}
