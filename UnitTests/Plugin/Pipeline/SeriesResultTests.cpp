// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Volume/DcmtkDecoder.h"
#include "UnitTests/Plugin/Pipeline/FakeArchive.h"
#include "UnitTests/Plugin/Pipeline/FakeInferenceEngine.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/dcmdata/dctk.h>

#include <gmock/gmock.h>

namespace H3K27M::Pipeline
{
  namespace
  {
    using testing::ElementsAre;
    using testing::HasSubstr;

    // What the engine's answer on one series becomes, through the whole path.
    class SeriesResultTest : public testing::Test
    {
    protected:
      SeriesResultTest()
      {
        options_.softwareVersion = "0.0.0";
      }

      void StoreSeries(std::size_t slices = 6)
      {
        Support::DicomSeriesOptions options;
        options.slices = slices;
        archive_.StoreAll(Support::DicomSeriesBuilder(options).MakeFiles());
      }

      Json::Value Run()
      {
        WorkState::Task task;
        task.studyId = "S2.25.1001";
        task.fingerprint = ComputeFingerprint(*archive_.GetStudy(task.studyId));
        Cancellation cancellation;
        const TriageOutcome outcome = StudyTriage(archive_, engine_, decoder_, options_).Run(task, cancellation);
        EXPECT_EQ(TriageOutcome::Kind::Done, outcome.kind) << outcome.reason;
        return Protocol::ParseJson(outcome.result.json);
      }

      // Texts and values of the stored report under a concept.
      std::vector<std::string> ReadReport(const Json::Value& result, const std::string& conceptCode)
      {
        const auto instance = archive_.FindInstance(result["report_instance_uid"].asString());
        return Tests::FindContent(*Tests::ReadDicom(archive_.ReadInstance(instance.value()))->getDataset(),
                                  conceptCode);
      }

      Testing::FakeArchive archive_;
      Testing::FakeInferenceEngine engine_;
      Volume::DcmtkDecoder decoder_;
      TriageOptions options_;
    };
  }

  TEST_F(SeriesResultTest, DecidesByTheThresholdOfTheModelsCard)
  {
    StoreSeries();
    engine_.card["threshold"] = 0.95;
    const Json::Value result = Run();
    EXPECT_EQ("wild-type", result["prediction"]["status"].asString());
    EXPECT_EQ(0.95, result["prediction"]["threshold"].asDouble());
    EXPECT_THAT(ReadReport(result, "121077"), ElementsAre(HasSubstr("decision threshold 95.0 %")));
    EXPECT_THAT(ReadReport(result, "111002"), ElementsAre(HasSubstr("threshold 0.95;")));
  }

  TEST_F(SeriesResultTest, AConfiguredThresholdOverridesTheCards)
  {
    StoreSeries();
    engine_.card["threshold"] = 0.95;
    options_.threshold = 0.25;
    const Json::Value result = Run();
    EXPECT_EQ("altered", result["prediction"]["status"].asString());
    EXPECT_THAT(ReadReport(result, "121077"), ElementsAre(HasSubstr("decision threshold 25.0 %")));
    EXPECT_THAT(ReadReport(result, "111002"), ElementsAre(HasSubstr("threshold 0.25;")));
  }

  TEST_F(SeriesResultTest, WhateverChangesTheBytesOfAResultMakesAnotherResult)
  {
    StoreSeries();
    std::set<std::string> reports = {Run()["report_instance_uid"].asString()};
    EXPECT_EQ(*reports.begin(), Run()["report_instance_uid"].asString());

    engine_.engineVersion = "0.0.1";
    EXPECT_TRUE(reports.insert(Run()["report_instance_uid"].asString()).second);

    for (const char* const key : {"name", "version", "trained_on", "intended_use"})
    {
      engine_.card[key] = "something\nelse";
      EXPECT_TRUE(reports.insert(Run()["report_instance_uid"].asString()).second) << key;
    }

    for (const char* const key : {"threshold", "minimum_tumour_area_mm2"})
    {
      engine_.card[key] = 0.75;
      EXPECT_TRUE(reports.insert(Run()["report_instance_uid"].asString()).second) << key;
    }

    engine_.card["preprocessing"]["framing"] = "centre-square";
    EXPECT_TRUE(reports.insert(Run()["report_instance_uid"].asString()).second);
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());

    // What the report does not say and the network does not see.
    engine_.card["metrics"]["auroc"] = 0.9;
    EXPECT_FALSE(reports.insert(Run()["report_instance_uid"].asString()).second);
  }

  TEST_F(SeriesResultTest, WarnsThatASlabLeavesOutPartOfTheBrain)
  {
    StoreSeries(6);
    const Json::Value result = Run();
    ASSERT_EQ(1u, result["warnings"].size());
    EXPECT_THAT(result["warnings"][0].asString(), HasSubstr("covers only 29 mm"));
    EXPECT_THAT(ReadReport(result, "warning"), ElementsAre(HasSubstr("covers only 29 mm")));
    EXPECT_THAT(ReadReport(result, "121077"), ElementsAre(HasSubstr("covers only 29 mm; 6 of 6 slices examined")));
  }

  TEST_F(SeriesResultTest, SaysWhoChoseTheSeriesByHand)
  {
    StoreSeries(24);
    const std::string byRules = Run()["report_instance_uid"].asString();
    options_.findChoice = [](const std::string&) { return HandChoice{"E2.25.2001", "ann"}; };
    const Json::Value byAnn = Run();
    EXPECT_THAT(ReadReport(byAnn, "warning"), ElementsAre("The series was chosen by hand by ann"));
    EXPECT_EQ("The series was chosen by hand by ann", byAnn["warnings"][0].asString());
    EXPECT_NE(byRules, byAnn["report_instance_uid"].asString()) << "other words under the same UID";

    options_.findChoice = nullptr;
    EXPECT_EQ(byRules, Run()["report_instance_uid"].asString());
  }

  TEST_F(SeriesResultTest, SaysHowManySlicesOfAWholeBrainWereExamined)
  {
    StoreSeries(24);
    engine_.findsTumour = false;
    engine_.slicesWithHead = 22;
    const Json::Value result = Run();
    EXPECT_TRUE(result["warnings"].empty());
    EXPECT_THAT(ReadReport(result, "121077"),
                ElementsAre(HasSubstr("The series covers 119 mm; 22 of 24 slices examined.")));
  }
}
