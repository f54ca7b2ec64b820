// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Weights/ModelPackage.h"
#include "Training/Runs/Ablation.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Training/SmallStudy.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace H3K27M
{
  namespace
  {
    using testing::AllOf;
    using testing::HasSubstr;

    // What a run may begin with, which is said before an image is read.
    class StartingModelTest : public Testing::SmallStudy
    {
    protected:
      // A card alone: whoever is refused by it needs no weights.
      static std::filesystem::path WriteCard(const std::string& name, const Network::NetworkOptions& layout)
      {
        std::filesystem::create_directories(GetPath(name));
        Weights::ModelCard(name, layout).Save(GetPath(name) / Weights::ModelPackage::CARD_FILE);
        return GetPath(name);
      }

      static Network::NetworkOptions MakeLayout(Network::Variant variant, std::int64_t width)
      {
        Network::NetworkOptions layout = MakeConfig().network;
        layout.variant = variant;
        layout.width = width;
        return layout;
      }
    };

    TEST_F(StartingModelTest, AnAblationTakesNoEncoderOfAnotherWidth)
    {
      const auto encoder = WriteCard("wide-encoder", MakeLayout(Network::Variant::MaskedAutoencoder, 16));
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      const auto refusal = Tests::GetRefusal([&]
      {
        const Runs::Ablation ablation(data, {MakeConfig(), GetPath("six"), "six", encoder, OnCpu(), false},
                                      [](const Json::Value&) {});
      });
      EXPECT_THAT(refusal, AllOf(HasSubstr("wide-encoder"), HasSubstr("width 16"), HasSubstr("the run 8")));
      EXPECT_FALSE(std::filesystem::exists(GetPath("six"))) << "nothing was begun";
      EXPECT_EQ(Tests::GetRefusal([&] { Runs::ReadEncoder(encoder, data); }), refusal) << "as --check says it";
      const auto fitting = WriteCard("encoder", MakeLayout(Network::Variant::MaskedAutoencoder, 8));
      EXPECT_EQ(Runs::ReadEncoder(fitting, data)["name"].asString(), "encoder");
    }

    TEST_F(StartingModelTest, ACrossValidationStartsFromNoModelOfAnotherWidthOrVariant)
    {
      const Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      const auto start = [&data](const std::filesystem::path& from)
      {
        return Tests::GetRefusal([&]
        {
          Runs::CrossValidationRequest request = MakeRequest("started", false);
          request.StartFrom(from, data);
        });
      };
      EXPECT_THAT(start(WriteCard("wide", MakeLayout(Network::Variant::Fusion, 16))), HasSubstr("width 16"));
      EXPECT_THAT(start(WriteCard("parallel", MakeLayout(Network::Variant::Parallel, 8))),
                  AllOf(HasSubstr("of the variant parallel"), HasSubstr("of fusion")));
      EXPECT_EQ(start(WriteCard("equal", MakeLayout(Network::Variant::Fusion, 8))), "accepted");
      Network::NetworkOptions larger = MakeLayout(Network::Variant::Fusion, 8);
      larger.inputSize = 64;
      EXPECT_EQ(start(WriteCard("larger", larger)), "accepted") << "it is resized";
    }

    TEST_F(StartingModelTest, ATrainingSaysWhichWidthsDiffer)
    {
      const Network::NetworkOptions layout = MakeLayout(Network::Variant::Fusion, 16);
      Weights::ModelPackage::Write(GetPath("weighty"), Weights::ModelCard("weighty", layout),
                                   Weights::TensorMap::FromModule(*Network::GenotypeNet(layout)),
                                   Weights::StoredPrecision::F16);
      EXPECT_THAT(Tests::GetRefusal([&] { Runs::StartingPoint::FromModel(GetPath("weighty"), MakeConfig()); }),
                  AllOf(HasSubstr("width 16"), HasSubstr("the run 8")));
    }
  }
}
