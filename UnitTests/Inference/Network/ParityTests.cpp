// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Network/MaskedAutoencoder.h"
#include "Inference/Weights/WeightsImport.h"
#include "UnitTests/Inference/Network/ParityData.h"

#include <gtest/gtest.h>

namespace H3K27M
{
  namespace
  {
    using Testing::GetLargestDifference;
    using Testing::ParityData;

    // Absolute, of float32 outputs against the published code's float64: the bound of ../shared/parity/README.md.
    constexpr double TOLERANCE = 1e-4;

    Network::GenotypeNet LoadNetwork(Network::Variant variant, const std::string& head)
    {
      const Weights::WeightsImport import(
        {ParityData::GetPath("weights_shared.safetensors"), ParityData::GetPath(head)});
      const auto options = import.DetectOptions(variant);
      Network::GenotypeNet network(options);
      import.Select(options).CopyInto(*network);
      network->eval();
      return network;
    }

    // Sums over 65,536 pixels are compared relative to their size.
    void ExpectSegmentation(const torch::Tensor& logits, const Weights::TensorMap& expected)
    {
      EXPECT_LT(GetLargestDifference(ParityData::TakeGrid(logits), expected.Get("seg_grid")), TOLERANCE);
      const torch::Tensor wide = logits.to(torch::kFloat64);
      EXPECT_LT(GetLargestDifference(wide.mean({2, 3}), expected.Get("seg_mean")), TOLERANCE);
      EXPECT_LT(GetLargestDifference(wide.square().sum({2, 3}).sqrt() / expected.Get("seg_l2"), torch::ones({2, 3})),
                TOLERANCE);
      const torch::Tensor count = torch::one_hot(logits.argmax(1), 3).sum({1, 2});
      // A pixel whose two best classes are equal to float32 precision may fall to either side.
      EXPECT_LE(GetLargestDifference(count, expected.Get("seg_argmax_count")), 3);
    }

    TEST(Parity, FusionNetworkGivesThePublishedOutputs)
    {
      SKIP_WITHOUT_PARITY();
      const c10::InferenceMode guard;
      const auto expected = ParityData::Load("expected_fusion.safetensors");
      auto network = LoadNetwork(Network::Variant::Fusion, "head_fusion.safetensors");
      const auto output = network(ParityData::MakeInput(false));
      EXPECT_LT(GetLargestDifference(output.cls_logits, expected.Get("cls_logits")), TOLERANCE);
      EXPECT_LT(GetLargestDifference(output.feature, expected.Get("feature")), TOLERANCE);
      ExpectSegmentation(output.seg_logits, expected);
    }

    TEST(Parity, FusionNetworkInDoublePrecisionAgreesToTheLastDigits)
    {
      SKIP_WITHOUT_PARITY();
      const c10::InferenceMode guard;
      const auto expected = ParityData::Load("expected_fusion.safetensors");
      auto network = LoadNetwork(Network::Variant::Fusion, "head_fusion.safetensors");
      network->to(torch::kFloat64);
      const auto output = network(ParityData::MakeInput(false).to(torch::kFloat64));
      EXPECT_LT(GetLargestDifference(output.cls_logits, expected.Get("cls_logits")), 1e-9);
      EXPECT_LT(GetLargestDifference(output.feature, expected.Get("feature")), 1e-6);
      EXPECT_LT(GetLargestDifference(ParityData::TakeGrid(output.seg_logits), expected.Get("seg_grid")), 1e-6);
    }

    TEST(Parity, ParallelNetworkGivesThePublishedOutputs)
    {
      SKIP_WITHOUT_PARITY();
      const c10::InferenceMode guard;
      const auto expected = ParityData::Load("expected_baseline.safetensors");
      auto network = LoadNetwork(Network::Variant::Parallel, "head_baseline.safetensors");
      const auto output = network(ParityData::MakeInput(false));
      EXPECT_LT(GetLargestDifference(output.cls_logits, expected.Get("cls_logits")), TOLERANCE);
      EXPECT_LT(GetLargestDifference(output.feature, expected.Get("feature")), TOLERANCE);
      ExpectSegmentation(output.seg_logits, ParityData::Load("expected_fusion.safetensors"));
    }

    TEST(Parity, ClassificationNetworkGivesThePublishedOutputs)
    {
      SKIP_WITHOUT_PARITY();
      const c10::InferenceMode guard;
      const auto expected = ParityData::Load("expected_baseline.safetensors");
      auto network = LoadNetwork(Network::Variant::Classification, "head_baseline.safetensors");
      const auto output = network(ParityData::MakeInput(false));
      EXPECT_LT(GetLargestDifference(output.cls_logits, expected.Get("cls_logits")), TOLERANCE);
      EXPECT_FALSE(output.seg_logits.defined());
    }

    TEST(Parity, AutoencoderGivesThePublishedOutputs)
    {
      SKIP_WITHOUT_PARITY();
      const c10::InferenceMode guard;
      const auto expected = ParityData::Load("expected_mae.safetensors");
      const Weights::WeightsImport import({ParityData::GetPath("weights_shared.safetensors")});
      EXPECT_EQ(import.DetectVariant(), Network::Variant::MaskedAutoencoder);
      const auto options = import.DetectOptions(Network::Variant::MaskedAutoencoder);
      Network::MaskedAutoencoder network(options);
      import.Select(options).CopyInto(*network);
      network->eval();
      const torch::Tensor output = network(ParityData::MakeInput(true));
      EXPECT_LT(GetLargestDifference(ParityData::TakeGrid(output), expected.Get("out_grid")), TOLERANCE);
      EXPECT_LT(GetLargestDifference(output.mean({2, 3}), expected.Get("out_mean")), TOLERANCE);
    }

    TEST(Parity, BackboneGivesThePublishedFeatures)
    {
      SKIP_WITHOUT_PARITY();
      const c10::InferenceMode guard;
      const auto expected = ParityData::Load("expected_fusion.safetensors");
      const auto weights = ParityData::Load("weights_shared.safetensors");
      Weights::TensorMap ofBackbone;
      for (const auto& [name, tensor] : weights.GetAll())
      {
        if (name.starts_with("model."))
        {
          ofBackbone.Set(name.substr(6), tensor);
        }
      }
      Network::Backbone backbone(Network::NetworkOptions{});
      ofBackbone.CopyInto(*backbone);
      backbone->eval();
      const Network::FeaturePyramid maps = backbone(ParityData::MakeInput(false));
      EXPECT_LT(GetLargestDifference(ParityData::TakeFeatureGrid(maps.quarter, 8, 9), expected.Get("x4_grid")),
                TOLERANCE);
      EXPECT_LT(GetLargestDifference(ParityData::TakeFeatureGrid(maps.eighth, 8, 5), expected.Get("x8_grid")),
                TOLERANCE);
      EXPECT_LT(GetLargestDifference(ParityData::TakeFeatureGrid(maps.sixteenth, 8, 3), expected.Get("x16_grid")),
                TOLERANCE);
    }

    TEST(Parity, FoldedNetworkAgreesWithThePublishedOutputs)
    {
      SKIP_WITHOUT_PARITY();
      const c10::InferenceMode guard;
      auto network = LoadNetwork(Network::Variant::Fusion, "head_fusion.safetensors");
      const torch::Tensor grey = ParityData::MakeInput(false).narrow(1, 0, 1);
      const auto published = network(grey.repeat({1, 3, 1, 1}));
      network->PrepareForInference();
      const auto folded = network(grey);
      EXPECT_LT(GetLargestDifference(folded.cls_logits, published.cls_logits), TOLERANCE);
      EXPECT_LT(GetLargestDifference(folded.seg_logits, published.seg_logits), TOLERANCE);
      EXPECT_LT(GetLargestDifference(folded.feature, published.feature), TOLERANCE);
    }
  }
}
