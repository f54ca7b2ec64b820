// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/PhantomDataset.h"
#include "Inference/Phantom/TissueAtlas.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Evaluation/OutcomesJson.h"
#include "Training/Runs/CrossValidation.h"
#include "Training/Runs/JsonFile.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace H3K27M
{
  namespace
  {
    // Eight phantoms, two of them external, and networks that are too small to learn anything: what is tested is who is
    // trained and measured on whom.
    class SmallStudy : public testing::Test
    {
    protected:
      static void SetUpTestSuite()
      {
        folder_ = std::make_unique<Testing::TemporaryFolder>();
        Phantom::PhantomDatasetOptions options;
        options.folder = folder_->GetPath() / "data";
        options.count = 8;
        options.tumourFreeShare = 0;
        options.maximumMatrix = 64;
        Phantom::WritePhantomDataset(options, Phantom::TissueAtlas::LoadEmbedded(), [](unsigned int) {});
        std::ofstream table(options.folder / "participants.tsv");
        table << "participant_id\th3k27m_status\tsplit\n";
        for (int i = 1; i <= 8; i++)
        {
          table << "sub-phantom0000000" << i << "\t" << (i % 2 == 1 ? "altered" : "wild-type") << "\t"
                << (i <= 6 ? "development" : "external") << "\n";
        }
      }

      static void TearDownTestSuite()
      {
        folder_.reset();
      }

      static Runs::CrossValidationRequest MakeRequest(const std::string& name, bool resumes)
      {
        Runs::CrossValidationRequest request;
        request.config = Runs::RunConfig::Parse(Protocol::ParseJson(
          R"({"folds": 3, "network": {"input_size": 32, "width": 8}, "training": {"steps": 3, "batch": 4}})"));
        request.dataset = folder_->GetPath() / "data";
        request.folder = folder_->GetPath() / name;
        request.resumes = resumes;
        return request;
      }

      static Json::Value Run(const std::string& name, bool resumes, std::vector<std::string>* units = nullptr)
      {
        return Runs::CrossValidation(MakeRequest(name, resumes), [units](const Json::Value& event)
        {
          if (units != nullptr && event["event"].asString() == "unit")
          {
            units->push_back(event["unit"].asString() + " " + event["state"].asString());
          }
        }).Run();
      }

      static std::unique_ptr<Testing::TemporaryFolder> folder_;
    };

    std::unique_ptr<Testing::TemporaryFolder> SmallStudy::folder_;

    TEST_F(SmallStudy, MeasuresEachPatientOnceByANetworkThatHasNotSeenIt)
    {
      const Json::Value metrics = Run("whole", false);
      ASSERT_EQ(metrics["folds"].size(), 3U);
      EXPECT_EQ(metrics["out_of_fold"]["cases"].asInt(), 6);
      EXPECT_EQ(metrics["external"]["cases"].asInt(), 2);
      EXPECT_TRUE(metrics["out_of_fold"]["oracle"]["auroc"].isObject());
      std::set<std::string> measured;
      for (int fold = 1; fold <= 3; fold++)
      {
        const std::filesystem::path path = folder_->GetPath() / "whole" / ("fold-" + std::to_string(fold));
        const Json::Value seen = Runs::ReadJsonFile(path / "card.json")["training_data"]["images"];
        EXPECT_EQ(seen.size(), 4U);
        for (const auto& outcome : Evaluation::ReadOutcomes(Runs::ReadJsonFile(path / "outcomes.json")))
        {
          EXPECT_FALSE(seen.isMember(outcome.id));
          EXPECT_TRUE(measured.insert(outcome.id).second) << outcome.id << " was measured twice";
        }
      }
      EXPECT_EQ(measured.size(), 6U);
      EXPECT_EQ(Runs::ReadJsonFile(folder_->GetPath() / "whole" / "metrics.json"), metrics);
    }

    TEST_F(SmallStudy, DoesOnlyWhatIsLeftAndEndsEqual)
    {
      const Json::Value whole = Run("first", false);
      EXPECT_EQ(Run("second", false), whole);
      std::filesystem::remove(folder_->GetPath() / "second" / "fold-2" / "outcomes.json");
      std::vector<std::string> units;
      EXPECT_EQ(Run("second", true, &units), whole);
      EXPECT_EQ(units, (std::vector<std::string>{"fold-1 was finished", "fold-2 started", "fold-2 finished",
                                                 "fold-3 was finished"}));
    }

    TEST_F(SmallStudy, RefusesAnotherConfigurationInTheSameFolder)
    {
      Run("taken", false);
      EXPECT_THROW(Run("taken", false), Error);
      Runs::CrossValidationRequest request = MakeRequest("taken", true);
      request.config.training.peakRate *= 2;
      EXPECT_THROW(Runs::CrossValidation(request, [](const Json::Value&) {}), Error);
    }

    TEST_F(SmallStudy, RefusesMoreFoldsThanEachGenotypeHasPatients)
    {
      Runs::CrossValidationRequest request = MakeRequest("too-many", false);
      request.config.folds = 4;
      EXPECT_THROW(Runs::CrossValidation(request, [](const Json::Value&) {}), Error);
      EXPECT_FALSE(std::filesystem::exists(request.folder));
    }

    TEST(OutcomesJson, ComesBackUnchanged)
    {
      Evaluation::CaseOutcome outcome;
      outcome.id = "sub-1";
      outcome.genotype = 1;
      outcome.probabilityAltered = 0.25;
      outcome.dice = 0.5;
      outcome.sliceDice = {0.25, 0.75};
      outcome.predictedVolumeMm3 = 12;
      const Json::Value json = Evaluation::WriteOutcomes({outcome});
      EXPECT_TRUE(json[0]["oracle_probability"].isNull());
      EXPECT_EQ(Evaluation::WriteOutcomes(Evaluation::ReadOutcomes(json)), json);
      Json::Value broken = json;
      broken[0].removeMember("dice");
      EXPECT_THROW(Evaluation::ReadOutcomes(broken), Error);
    }
  }
}
