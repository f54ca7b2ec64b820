// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/InputResize.h"

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Protocol/Error.h"

#include <gtest/gtest.h>

using namespace H3K27M;

namespace
{
  Network::NetworkOptions MakeOptions(std::int64_t inputSize, Network::Variant variant = Network::Variant::Fusion)
  {
    Network::NetworkOptions options;
    options.variant = variant;
    options.inputSize = inputSize;
    options.width = 8;
    return options;
  }
}

TEST(InputResize, FitsANetworkOfTwiceTheSizeInEveryVariant)
{
  for (const auto variant : {Network::Variant::Classification, Network::Variant::Parallel, Network::Variant::Fusion})
  {
    Network::GenotypeNet small(MakeOptions(32, variant));
    Network::GenotypeNet large(MakeOptions(64, variant));
    const auto weights = Weights::TensorMap::FromModule(*small);
    EXPECT_NO_THROW(Trainers::ResizeInput(weights, 32, 64).CopyInto(*large));
    EXPECT_THROW(weights.CopyInto(*large), Error);
  }
}

TEST(InputResize, ChangesNothingForTheSameSize)
{
  Network::GenotypeNet network(MakeOptions(32));
  const auto weights = Weights::TensorMap::FromModule(*network);
  const auto resized = Trainers::ResizeInput(weights, 32, 32);
  ASSERT_EQ(resized.GetAll().size(), weights.GetAll().size());
  for (const auto& [name, tensor] : weights.GetAll())
  {
    EXPECT_TRUE(torch::allclose(resized.Get(name).to(torch::kF64), tensor.to(torch::kF64), 0, 1e-6)) << name;
  }
}

// Features that are equal everywhere must give the class head the same answer on the larger grid.
TEST(InputResize, KeepsTheScaleOfTheClassAnswer)
{
  Network::GenotypeNet network(MakeOptions(32));
  const auto weights = Weights::TensorMap::FromModule(*network);
  const auto resized = Trainers::ResizeInput(weights, 32, 64);
  const std::string name = "decoder.cls_cls.weight";
  EXPECT_EQ(resized.Get(name).size(1), 4 * weights.Get(name).size(1));
  EXPECT_TRUE(torch::allclose(resized.Get(name).sum(1), weights.Get(name).sum(1), 1e-4, 1e-5));
}

TEST(InputResize, NamesTheTensorThatIsOfAnotherSize)
{
  Network::GenotypeNet network(MakeOptions(32));
  try
  {
    Trainers::ResizeInput(Weights::TensorMap::FromModule(*network), 48, 64);
    ADD_FAILURE() << "accepted";
  }
  catch (const Error& error)
  {
    EXPECT_EQ(error.GetCode(), ErrorCode::BadInput);
    EXPECT_NE(std::string(error.what()).find("decoder.cls_cls.weight"), std::string::npos);
  }
}
