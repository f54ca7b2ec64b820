// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Network/MaskedAutoencoder.h"
#include "UnitTests/Inference/Network/ParityData.h"
#include "UnitTests/Inference/Network/TinyNetwork.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace H3K27M
{
  namespace
  {
    constexpr const char* GOLDEN_FILE = "UnitTests/Golden/tiny_network.safetensors";

    // Float32 against values recorded in float64. The network that made them agreed with ../shared/parity.
    constexpr double GOLDEN_TOLERANCE = 1e-4;

    torch::Tensor TakeEveryEighthPixel(const torch::Tensor& map)
    {
      return map.slice(2, 0, 32, 8).slice(3, 0, 32, 8).contiguous();
    }

    Weights::TensorMap Compute(torch::ScalarType precision)
    {
      const c10::InferenceMode guard;
      Weights::TensorMap results;
      const torch::Tensor input = Testing::MakeTinyInput(2, 3, 32).to(precision);
      for (const auto variant :
           {Network::Variant::Classification, Network::Variant::Parallel, Network::Variant::Fusion})
      {
        const std::string name(Network::ToString(variant));
        Network::GenotypeNet network(Testing::MakeTinyOptions(variant));
        Testing::FillByFormula(*network);
        network->to(precision);
        network->eval();
        const auto output = network(input);
        results.Set(name + ".cls_logits", output.cls_logits);
        results.Set(name + ".feature", output.feature);
        if (output.seg_logits.defined())
        {
          results.Set(name + ".seg_logits", TakeEveryEighthPixel(output.seg_logits));
        }
      }
      Network::MaskedAutoencoder network(Testing::MakeTinyOptions(Network::Variant::MaskedAutoencoder));
      Testing::FillByFormula(*network);
      network->to(precision);
      network->eval();
      results.Set("mae.output", TakeEveryEighthPixel(network(input)));
      return results;
    }

    // Pins the network where ../shared is not at hand. To record anew after a deliberate change, once the parity tests
    // pass: H3K27M_RECORD_GOLDEN=1 build/release/NetworkTests --gtest_filter=Golden.*
    TEST(Golden, TinyNetworkGivesTheRecordedOutputs)
    {
      if (std::getenv("H3K27M_RECORD_GOLDEN") != nullptr)
      {
        Compute(torch::kFloat64).Save(GOLDEN_FILE, Weights::StoredPrecision::F32);
      }
      const auto golden = Weights::TensorMap::Load(GOLDEN_FILE);
      const auto results = Compute(torch::kFloat32);
      ASSERT_EQ(golden.GetAll().size(), results.GetAll().size());
      for (const auto& [name, expected] : golden.GetAll())
      {
        EXPECT_LT(Testing::GetLargestDifference(results.Get(name), expected), GOLDEN_TOLERANCE) << name;
        EXPECT_GT(expected.to(torch::kFloat64).std().item<double>(), 1e-2) << name << " holds nothing to compare";
      }
    }
  }
}
