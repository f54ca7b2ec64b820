// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Data/NiftiFolderSource.h"
#include "Training/Runs/EnsembleModel.h"
#include "Training/Runs/Lineage.h"
#include "Training/Runs/RunConfig.h"
#include "Training/Runs/TrainedCard.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <json/value.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace H3K27M
{
  namespace
  {
    using testing::HasSubstr;

    Runs::RunConfig MakeSmallConfig()
    {
      return Runs::RunConfig::Parse(Protocol::ParseJson(R"({"network": {"input_size": 32, "width": 8}})"));
    }

    TEST(TrainedCard, SaysThatPhantomsOfAFolderAreNoPatients)
    {
      const Runs::RunConfig config = MakeSmallConfig();
      const auto make = [&config](int synthetic)
      {
        Runs::TrainedCardFacts facts;
        facts.name = "folder";
        facts.network = config.network;
        facts.data["kind"] = "bids";
        facts.data["contrast"] = "T2w";
        facts.data["count"] = 6;
        facts.data["synthetic"] = synthetic;
        return Runs::MakeTrainedCard(facts, config).GetJson();
      };
      EXPECT_THAT(make(6)["trained_on"].asString(), HasSubstr("phantoms with a planted signal (6), no patient"));
      EXPECT_THAT(make(2)["trained_on"].asString(), HasSubstr("phantoms with a planted signal (2) and 4 others"));
      for (const int synthetic : {2, 6})
      {
        EXPECT_THAT(make(synthetic)["intended_use"].asString(), HasSubstr("its answers about patients mean nothing"));
      }
      EXPECT_EQ(make(0)["trained_on"].asString(), "6 subjects of a data set in BIDS, T2w");
    }

    TEST(TrainedCard, SaysThatAnEncoderIsOfPhantomsOfAFolder)
    {
      const Runs::RunConfig config = MakeSmallConfig();
      const Testing::TemporaryFolder folder;
      const auto describe = [&folder](const std::string& subject)
      {
        const std::filesystem::path anatomy = folder.GetPath() / subject / "anat";
        std::filesystem::create_directories(anatomy);
        std::ofstream(anatomy / "image_T2w.nii") << subject;
        return Data::NiftiFolderSource(folder.GetPath()).Describe();
      };
      const auto make = [&config](const Json::Value& data)
      {
        Runs::TrainedCardFacts facts;
        facts.name = "encoder";
        facts.network = config.network;
        facts.network.variant = Network::Variant::MaskedAutoencoder;
        facts.data = data;
        return Runs::MakeTrainedCard(facts, config).GetJson()["trained_on"].asString();
      };
      describe("sub-phantom00000001");
      const Json::Value phantoms = describe("sub-phantom00000002");
      EXPECT_EQ(phantoms["synthetic"].asInt(), 2);
      EXPECT_THAT(make(phantoms), HasSubstr("2 synthetic phantoms, by masked"));
      EXPECT_THAT(make(describe("sub-1")), HasSubstr("2 synthetic phantoms and 1 other volumes, by masked"));
      EXPECT_EQ(describe("site-a/sub-phantom00000003")["synthetic"].asInt(), 3) << "a data set among others";
      std::filesystem::remove_all(folder.GetPath() / "site-a");
      std::filesystem::remove_all(folder.GetPath() / "sub-phantom00000001");
      std::filesystem::remove_all(folder.GetPath() / "sub-phantom00000002");
      EXPECT_THAT(make(describe("sub-1")), testing::StartsWith("1 volumes, by masked"));
    }

    TEST(TrainedCard, AnEncoderIsTrainedInSinglePrecisionWhateverTheCoTrainingIs)
    {
      const Runs::RunConfig config = Runs::RunConfig::Parse(
        Protocol::ParseJson(R"({"network": {"input_size": 32, "width": 8}, "training": {"bf16": true}})"));
      const auto getPrecision = [&config](Network::Variant variant)
      {
        Runs::TrainedCardFacts facts;
        facts.name = "precise";
        facts.network = config.network;
        facts.network.variant = variant;
        return Runs::MakeTrainedCard(facts, config).GetJson()["run"]["precision"].asString();
      };
      EXPECT_EQ(getPrecision(Network::Variant::Fusion), "bf16");
      EXPECT_EQ(getPrecision(Network::Variant::MaskedAutoencoder), "fp32");
    }

    TEST(Lineage, DescribesWhoseTheFiguresAre)
    {
      Json::Value card;
      EXPECT_TRUE(Runs::DescribeLineage(card)["trained_on"].isNull()) << "imported weights need not say";
      EXPECT_EQ(Runs::DescribeLineage(card)["phantoms"].asInt(), 0);

      card["trained_on"] = "patients";
      card["training_data"]["count"] = 3;
      card["run"]["from"]["training_data"]["kind"] = "phantoms";
      card["run"]["from"]["training_data"]["first_seed"] = 1;
      card["run"]["from"]["training_data"]["count"] = 500;
      const Json::Value described = Runs::DescribeLineage(card);
      EXPECT_EQ(described["trained_on"].asString(), "patients");
      EXPECT_EQ(described["phantoms"].asInt(), 500);
      EXPECT_EQ(described["others"].asInt(), 3);
    }

    TEST(Lineage, CountsOnceWhatTheEncoderAndTheModelSaw)
    {
      Json::Value encoder;
      encoder["training_data"]["kind"] = "nifti-folder";
      encoder["training_data"]["count"] = 4;
      encoder["training_data"]["synthetic"] = 2;
      Json::Value card;
      card["training_data"]["kind"] = "bids";
      card["training_data"]["count"] = 3;
      card["training_data"]["synthetic"] = 2;
      for (const std::string name : {"sub-phantom00000001", "sub-phantom00000002", "sub-1", "sub-2"})
      {
        encoder["training_data"]["images"][name + "/anat/" + name + "_T2w.nii.gz"] = "hash of " + name;
        card["training_data"]["images"][name] = "hash of " + name;
      }
      card["training_data"]["images"].removeMember("sub-2");
      card["run"]["from"] = encoder;
      EXPECT_EQ(Runs::CountLineage(card).phantoms, 2U);
      EXPECT_EQ(Runs::CountLineage(card).others, 2U);

      // Of phantoms made on the fly the seeds count: those of a folder with the same seed are the same ones.
      Json::Value generated;
      generated["kind"] = "phantoms";
      generated["first_seed"] = 2;
      generated["count"] = 4;
      card["run"]["from"]["run"]["from"]["training_data"] = generated;
      EXPECT_EQ(Runs::CountLineage(card).phantoms, 5U);
      generated["first_seed"] = 4;
      card["run"]["from"]["run"]["from"]["run"]["from"]["training_data"] = generated;
      EXPECT_EQ(Runs::CountLineage(card).phantoms, 7U);
      EXPECT_EQ(Runs::CountLineage(card).others, 2U);

      // Whom the table alone calls a phantom, and a card that names no images.
      card = Json::Value();
      card["training_data"]["count"] = 3;
      card["training_data"]["synthetic"] = 1;
      EXPECT_EQ(Runs::CountLineage(card).phantoms, 1U);
      card["training_data"]["images"]["sub-1"] = "1";
      card["training_data"]["images"]["sub-2"] = "2";
      card["training_data"]["images"]["sub-3"] = "3";
      EXPECT_EQ(Runs::CountLineage(card).phantoms, 1U);
      EXPECT_EQ(Runs::CountLineage(card).others, 2U);
    }

    // Of a data set with these cases, of whom so many are phantoms.
    Json::Value MakeData(const std::vector<std::string>& subjects, int phantoms)
    {
      Json::Value data;
      data["kind"] = "bids";
      data["contrast"] = "T2w";
      data["count"] = Json::UInt64{subjects.size()};
      data["synthetic"] = phantoms;
      for (const std::string& subject : subjects)
      {
        data["images"][subject] = "hash of " + subject;
      }
      return data;
    }

    TEST(EnsembleModel, SaysWhatAllItsNetworksTogetherHaveSeenAndTaken)
    {
      // Each network has been spared one fold's patients: the first one all phantoms that there are.
      const Testing::TemporaryFolder folder;
      const std::vector<Json::Value> seen = {MakeData({"sub-1", "sub-2"}, 0),
                                             MakeData({"sub-1", "sub-2", "sub-phantom00000007"}, 1)};
      std::vector<std::filesystem::path> members;
      for (std::size_t fold = 0; fold < seen.size(); fold++)
      {
        Runs::RunConfig config = MakeSmallConfig();
        config.SetSeed(41 + fold);
        Runs::TrainedCardFacts facts;
        facts.name = "fold-" + std::to_string(fold + 1);
        facts.network = config.network;
        facts.data = seen[fold];
        facts.device = fold == 0 ? "cpu" : "cuda:0 X";
        facts.seconds = 100;
        members.push_back(folder.GetPath() / facts.name);
        Weights::ModelPackage::Write(members.back(), Runs::MakeTrainedCard(facts, config),
                                     Weights::TensorMap::FromModule(*Network::GenotypeNet(config.network)),
                                     Weights::StoredPrecision::F16);
      }
      const Json::Value whole = MakeData({"sub-1", "sub-2", "sub-3", "sub-phantom00000007"}, 1);
      const Json::Value card =
        Runs::WriteEnsemble(folder.GetPath() / "model", members, {"whole", 40, whole, Json::Value()}).GetJson();
      EXPECT_THAT(
        card["trained_on"].asString(),
        testing::AllOf(HasSubstr("phantoms with a planted signal (1) and 3 others"),
                       HasSubstr("its answers about patients mean nothing; 2 networks, each without one fold")));
      EXPECT_THAT(card["intended_use"].asString(), HasSubstr("its answers about patients mean nothing"));
      EXPECT_EQ(card["run"]["config"]["seed"].asInt(), 40);
      EXPECT_DOUBLE_EQ(card["run"]["seconds"].asDouble(), 200);
      EXPECT_EQ(card["run"]["device"].asString(), "cpu, cuda:0 X");

      const Json::Value patients = MakeData({"sub-1", "sub-2", "sub-3"}, 0);
      EXPECT_THAT(Runs::WriteEnsemble(folder.GetPath() / "model", members, {"whole", 40, patients, Json::Value()})
                    .GetJson()["trained_on"]
                    .asString(),
                  testing::StartsWith("3 subjects of a data set in BIDS, T2w; 2 networks, each without one fold"));
    }

    TEST(EnsembleModel, ACardThatIsTooLargeIsFoundBeforeTheTraining)
    {
      const Runs::RunConfig config = MakeSmallConfig();
      Json::Value data;
      data["kind"] = "bids";
      data["contrast"] = "T2w";
      for (int i = 0; i < 6000; i++)
      {
        data["images"]["sub-" + std::to_string(i)] = std::string(64, 'a');
      }
      EXPECT_NO_THROW(Runs::CheckEnsembleCard(config, "whole", data, {}));
      Json::Value encoder;
      encoder["training_data"] = data;
      EXPECT_THAT(Tests::GetRefusal([&] { Runs::CheckEnsembleCard(config, "whole", data, encoder); }),
                  HasSubstr("which are too many"));
    }
  }
}
