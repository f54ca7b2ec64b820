// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Runs/Ablation.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/LeakageCheck.h"
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
      EXPECT_THAT(refusal, AllOf(HasSubstr("wide-encoder"), HasSubstr("width 16"), HasSubstr("width 8")));
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
                  AllOf(HasSubstr("of the variant parallel"), HasSubstr("of the variant fusion")));
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
                  AllOf(HasSubstr("width 16"), HasSubstr("width 8")));
    }

    TEST_F(StartingModelTest, OfAnEnsembleTheFirstNetworkIsTaken)
    {
      Run("parents", false);
      const std::filesystem::path ensemble = GetPath("parents") / "model";
      const auto start = Runs::StartingPoint::FromModel(ensemble, MakeConfig());
      const auto first = Runs::StartingPoint::FromModel(ensemble / "fold-1", MakeConfig());
      for (const auto& [name, tensor] : first.weights.GetAll())
      {
        EXPECT_TRUE(start.weights.Get(name).equal(tensor)) << name;
      }
      EXPECT_EQ(start.hasLearnedClassLayer, first.hasLearnedClassLayer);
      EXPECT_EQ(start.origin["name"].asString(), "parents");
      EXPECT_EQ(start.origin["member"].asString(), "fold-1");
      EXPECT_FALSE(first.origin.isMember("member"));

      const auto none = [](const Json::Value&) {};
      Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      const Runs::ModelTraining training{"child", MakeConfig(), data.Describe(), OnCpu()};
      const Runs::RunFolder folder(GetPath("child") / "run", MakeConfig().ToJson(), Json::Value(), false);
      const auto card = training.Run(data.GetSlices(none), start, folder, GetPath("child"), none);
      EXPECT_EQ(card.GetJson()["run"]["from"]["member"].asString(), "fold-1");

      std::filesystem::remove_all(ensemble / "fold-1");
      std::filesystem::copy(GetPath("parents") / "fold-2", ensemble / "fold-1");
      EXPECT_THAT(Tests::GetRefusal([&] { Runs::StartingPoint::FromModel(ensemble, MakeConfig()); }),
                  HasSubstr("fold-1 is not the one that the model's card lists"));
    }

    TEST_F(StartingModelTest, OfAnEnsembleThePatientsOfAllNetworksCount)
    {
      Run("seeing", false);
      const std::filesystem::path ensemble = GetPath("seeing") / "model";
      const Json::Value first = Runs::ReadJsonFile(ensemble / "fold-1" / Weights::ModelPackage::CARD_FILE);
      const Json::Value origin = Runs::StartingPoint::FromModel(ensemble, MakeConfig()).origin;
      const Json::Value& seen = origin["training_data"]["images"];
      Json::Value heldOut;  // of the first fold: its network is the one that is taken
      heldOut["kind"] = "bids";
      for (const std::string& subject : seen.getMemberNames())
      {
        if (!first["training_data"]["images"].isMember(subject))
        {
          heldOut["images"][subject] = seen[subject];
        }
      }
      ASSERT_EQ(heldOut["images"].size(), 2U);
      EXPECT_NO_THROW(Runs::RefuseSeenCases(first, heldOut));
      Json::Value child;
      child["run"]["from"] = origin;
      EXPECT_THROW(Runs::RefuseSeenCases(child, heldOut), Error);

      const Runs::FoldedData data(GetDataset(), MakeConfig(), 1);
      EXPECT_THAT(Tests::GetRefusal([&] { data.DescribeStart(ensemble); }),
                  HasSubstr("was trained on images of these subjects: sub-phantom00000001 sub-phantom00000002"));
    }
  }
}
