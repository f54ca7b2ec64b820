// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Pipeline/TriageTestBase.h"

namespace H3K27M::Pipeline
{
  namespace
  {
    class StudyTriageTest : public Testing::TriageTestBase
    {
    };
  }

  TEST_F(StudyTriageTest, StoresSegmentationThenReport)
  {
    StoreSeries();
    const TriageOutcome outcome = Run();

    ASSERT_EQ(TriageOutcome::Kind::Done, outcome.kind) << outcome.reason;
    EXPECT_EQ(6u, engine_.slices);
    EXPECT_THAT(archive_.GetStoredModalities(), testing::ElementsAre("MR", "MR", "MR", "MR", "MR", "MR", "SEG", "SR"));
    EXPECT_EQ(0.9, outcome.result.probabilityAltered);

    const Json::Value json = Protocol::ParseJson(outcome.result.json);
    EXPECT_TRUE(archive_.FindInstance(json["report_instance_uid"].asString()));
    EXPECT_TRUE(archive_.FindInstance(json["segmentation_instance_uid"].asString()));
    EXPECT_TRUE(json["routing"][0]["accepted"].asBool());
  }

  TEST_F(StudyTriageTest, WithoutTumourStoresAReportAlone)
  {
    StoreSeries();
    engine_.findsTumour = false;
    const TriageOutcome outcome = Run();

    ASSERT_EQ(TriageOutcome::Kind::Done, outcome.kind);
    EXPECT_TRUE(archive_.ListSeries("SEG").empty());
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
    EXPECT_TRUE(Protocol::ParseJson(outcome.result.json)["segmentation"].isNull());
    EXPECT_FALSE(outcome.result.probabilityAltered);
  }

  TEST_F(StudyTriageTest, ASecondRunComputesNothingAndDuplicatesNothing)
  {
    StoreSeries();
    const TriageOutcome first = Run();
    const TriageOutcome second = Run(first.result.json);

    EXPECT_EQ(1u, engine_.studies);
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
    EXPECT_EQ(Protocol::ParseJson(first.result.json)["report"], Protocol::ParseJson(second.result.json)["report"]);
  }

  TEST_F(StudyTriageTest, SaliencyStandsBetweenSegmentationAndTheReportThatNamesIt)
  {
    StoreSeries();
    TriageOptions options = MakeOptions();
    options.saliency = Engine::SaliencyChoice::Key;
    const TriageOutcome first = Run({}, options);
    ASSERT_EQ(TriageOutcome::Kind::Done, first.kind) << first.reason;
    EXPECT_THAT(archive_.GetStoredModalities(),
                testing::ElementsAre("MR", "MR", "MR", "MR", "MR", "MR", "SEG", "OT", "SR"));
    const Json::Value json = Protocol::ParseJson(first.result.json);
    EXPECT_EQ(json["saliency"].asString(), archive_.FindInstance(json["saliency_instance_uid"].asString()).value());
    ASSERT_EQ(1u, json["saliency_slices"].size());

    // A second run makes nothing; one after the saliency was deleted makes it again; switched off it goes.
    Run(first.result.json, options);
    EXPECT_EQ(1u, engine_.studies);
    archive_.DeleteSeries("E" + archive_.ListSeries("OT").at(0));
    Run(first.result.json, options);
    EXPECT_EQ(2u, engine_.studies);
    EXPECT_EQ(1u, archive_.ListSeries("OT").size());
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
    options.saliency = Engine::SaliencyChoice::None;
    Run(first.result.json, options);
    EXPECT_TRUE(archive_.ListSeries("OT").empty());
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
  }

  TEST_F(StudyTriageTest, WithoutTumourThereIsNoSaliency)
  {
    StoreSeries();
    engine_.findsTumour = false;
    TriageOptions options = MakeOptions();
    options.saliency = Engine::SaliencyChoice::All;
    EXPECT_TRUE(Protocol::ParseJson(Run({}, options).result.json)["saliency"].isNull());
    EXPECT_TRUE(archive_.ListSeries("OT").empty());
  }

  // A file that the cache does not keep was freed while its pixels were still read.
  TEST_F(StudyTriageTest, AStudyThatIsTooLargeForTheCacheReachesTheEngineUnchanged)
  {
    StoreSeries();
    std::vector<Testing::FakeInferenceEngine::ReceivedSlices> received;
    engine_.draw = [&received](const Engine::StudyRequest&, const Testing::FakeInferenceEngine::ReceivedSlices& slices)
    {
      received.push_back(slices);
      return Engine::MaskSlices();
    };
    TriageOptions options = MakeOptions();
    Run({}, options);
    options.maxCachedBytes = 1;
    Run({}, options);

    ASSERT_EQ(2u, received.size());
    EXPECT_EQ(6u, received[0].size());
    EXPECT_EQ(received[0], received[1]);
  }

  TEST_F(StudyTriageTest, ASecondRunAfterTheWorkStoreWasLostDuplicatesNothing)
  {
    StoreSeries();
    Run();
    Run();
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
  }

  TEST_F(StudyTriageTest, LateSlicesReplaceTheResult)
  {
    H3K27M::Support::DicomSeriesOptions options;
    options.slices = 5;
    StoreSeries(options);
    const TriageOutcome first = Run();
    const auto oldReports = archive_.ListSeries("SR");

    options.slices = 6;
    StoreSeries(options);
    Run(first.result.json);

    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
    EXPECT_NE(oldReports, archive_.ListSeries("SR"));
  }

  TEST_F(StudyTriageTest, AnotherModelReplacesTheResult)
  {
    StoreSeries();
    Run();
    const auto oldReports = archive_.ListSeries("SR");
    engine_.modelHash = std::string(64, 'b');
    Run();

    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
    EXPECT_NE(oldReports, archive_.ListSeries("SR"));
  }

  // A verified document must not point at nothing.
  TEST_F(StudyTriageTest, AResultThatAReviewNamesStaysWholeAndIsNoLongerInForce)
  {
    StoreSeries();
    TriageOptions options = MakeOptions();
    options.saliency = Engine::SaliencyChoice::Key;
    const Json::Value attested = Protocol::ParseJson(Run({}, options).result.json);
    StoreReviewOf(archive_.ListSeries("SR").at(0));
    ASSERT_EQ(3u, CountResults());
    engine_.modelHash = std::string(64, 'b');
    const TriageOutcome second = Run({}, options);
    EXPECT_EQ(6u, CountResults()) << "the report, and the segmentation and the saliency that it refers to";

    for (const char* const uid : {"report_instance_uid", "segmentation_instance_uid", "saliency_instance_uid"})
    {
      EXPECT_TRUE(archive_.FindInstance(attested[uid].asString())) << uid;
      EXPECT_NE(attested[uid], Protocol::ParseJson(second.result.json)[uid]) << "the case is of the newer one";
    }

    // The third takes the place of the second, which nobody answered for; the first comes back into force as it is.
    engine_.modelHash = std::string(64, 'c');
    Run(second.result.json, options);
    EXPECT_EQ(6u, CountResults());
    engine_.modelHash = std::string(64, 'a');
    const Json::Value again = Protocol::ParseJson(Run({}, options).result.json);
    EXPECT_EQ(attested["report_instance_uid"], again["report_instance_uid"]);
    EXPECT_EQ(3u, CountResults());
  }

  TEST_F(StudyTriageTest, AReviewOfAnotherResultKeepsNone)
  {
    StoreSeries();
    Run();
    StoreReviewOf("2.25.1");
    engine_.modelHash = std::string(64, 'b');
    Run();
    EXPECT_EQ(2u, CountResults());
  }

  // Another Orthanc on the same archive stores one in that very moment.
  TEST_F(StudyTriageTest, AReviewThatComesWhileTheOthersAreReadKeepsWhatItNames)
  {
    StoreSeries();
    Run();
    const std::string report = archive_.ListSeries("SR").at(0);
    StoreReviewOf("2.25.1");
    engine_.modelHash = std::string(64, 'b');
    archive_.SetHook([this, &report](const std::string& call, const std::string& argument)
    {
      if (call == "ReadInstance" && argument.starts_with("I2.25.3000."))
      {
        archive_.SetHook({});
        StoreReviewOf(report);
      }
    });
    Run();
    EXPECT_EQ(4u, CountResults());
  }

  // A model that is put in force while a study waits for its turn must not answer under the name of the one before.
  TEST_F(StudyTriageTest, AnEngineThatChangedSinceItWasAskedComputesNothingUnderTheOldName)
  {
    StoreSeries();
    engine_.beforeBegin = [this] { engine_.modelHash = std::string(64, 'b'); };

    try
    {
      Run();
      FAIL() << "computed";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Busy, e.GetCode()) << "no attempt of the study's";
    }

    EXPECT_EQ(0u, engine_.slices);
    EXPECT_TRUE(archive_.ListSeries("SR").empty());
    EXPECT_EQ(std::string(64, 'b'), Protocol::ParseJson(Run().result.json)["model"]["hash"].asString());

    engine_.beforeBegin = [this] { engine_.card["threshold"] = 0.25; };
    EXPECT_THROW(Run(), Error) << "the same weights under another card";
  }

  TEST_F(StudyTriageTest, ShadowStoresNothingAndKeepsTheFigures)
  {
    StoreSeries();
    TriageOptions options = MakeOptions();
    options.shadow = true;
    const TriageOutcome outcome = Run({}, options);

    EXPECT_EQ(TriageOutcome::Kind::Done, outcome.kind);
    EXPECT_EQ(0.9, outcome.result.probabilityAltered);
    EXPECT_TRUE(archive_.ListSeries("SEG").empty());
    EXPECT_TRUE(archive_.ListSeries("SR").empty());
  }

  TEST_F(StudyTriageTest, AStudyWithoutAxialT2IsRefusedWithItsReasons)
  {
    H3K27M::Support::DicomSeriesOptions options;
    options.echoTime = "12";
    options.seriesDescription = "T1";
    StoreSeries(options);
    const TriageOutcome outcome = Run();

    ASSERT_EQ(TriageOutcome::Kind::Refused, outcome.kind);
    EXPECT_THAT(outcome.reason, testing::HasSubstr("12"));
    EXPECT_EQ(0u, engine_.studies);
    EXPECT_FALSE(Protocol::ParseJson(outcome.result.json)["routing"][0]["accepted"].asBool());
  }

  TEST_F(StudyTriageTest, TheSeriesThatAPersonChoseIsComputedInPlaceOfTheOneThatTheRulesTake)
  {
    StoreSeries();
    H3K27M::Support::DicomSeriesOptions second;
    second.seriesInstanceUid = "2.25.2002";
    second.seriesDescription = "AX FLAIR";
    StoreSeries(second);
    std::optional<HandChoice> choice;
    TriageOptions options = MakeOptions();
    options.findChoice = [&choice](const std::string&) { return choice; };
    options.routing.candidates = Routing::CandidatePolicy::All;
    const TriageOutcome byRules = Run({}, options);
    ASSERT_EQ("E2.25.2001", byRules.result.seriesId);

    choice = HandChoice{"E2.25.2002", "ann"};
    const TriageOutcome byHand = Run(byRules.result.json, options);
    const Json::Value json = Protocol::ParseJson(byHand.result.json);
    EXPECT_EQ("E2.25.2002", byHand.result.seriesId);
    EXPECT_TRUE(json["further_results"].empty()) << "none but that";
    EXPECT_EQ(1u, archive_.ListSeries("SR").size()) << "the earlier result is outdated";
    EXPECT_TRUE(json["routing"][0]["choice"].isNull());
    EXPECT_THAT(json["routing"][1]["choice"].asString(), testing::HasSubstr("by ann; the rules speak against it"));
    EXPECT_TRUE(json["routing"][1]["accepted"].asBool());

    // Late slices leave the choice as it is.
    second.slices = 7;
    StoreSeries(second);
    EXPECT_EQ("E2.25.2002", Run(byHand.result.json, options).result.seriesId);

    choice.reset();
    const TriageOutcome again = Run(byHand.result.json, options);
    EXPECT_EQ("E2.25.2001", again.result.seriesId);
    EXPECT_EQ(Protocol::ParseJson(byRules.result.json)["report_instance_uid"],
              Protocol::ParseJson(again.result.json)["report_instance_uid"]);
  }

  TEST_F(StudyTriageTest, AChosenSeriesThatCannotBeReadIsToldAndNoOtherTakesItsPlace)
  {
    StoreSeries();
    H3K27M::Support::DicomSeriesOptions second;
    second.seriesInstanceUid = "2.25.2002";
    second.orientation = {"0", "1", "0", "0", "0", "-1"};
    StoreSeries(second);
    TriageOptions options = MakeOptions();
    options.findChoice = [](const std::string&) { return HandChoice{"E2.25.2002", "ann"}; };
    const TriageOutcome outcome = Run({}, options);

    ASSERT_EQ(TriageOutcome::Kind::Refused, outcome.kind);
    EXPECT_THAT(outcome.reason, testing::StartsWith("The series was chosen by hand by ann. It cannot be read: "
                                                    "[E2.25.2002] orientation"));
    EXPECT_EQ(0u, engine_.studies);
  }

  TEST_F(StudyTriageTest, WhereTheChosenSeriesIsGoneTheRulesDecide)
  {
    StoreSeries();
    TriageOptions options = MakeOptions();
    options.findChoice = [](const std::string&) { return HandChoice{"E2.25.2002", "ann"}; };
    EXPECT_EQ("E2.25.2001", Run({}, options).result.seriesId);
  }

  TEST_F(StudyTriageTest, AStudyThatIsGoneIsNoError)
  {
    EXPECT_EQ(TriageOutcome::Kind::Gone, Run().kind);
  }

  TEST_F(StudyTriageTest, ImagesThatCameAfterQueueingPostponeTheStudyUntilItIsStable)
  {
    StoreSeries();
    const auto now = std::chrono::system_clock::now();
    archive_.SetLastUpdate(now);

    WorkState::Task task;
    task.studyId = STUDY;
    task.fingerprint = "of yesterday";
    const TriageOutcome outcome = StudyTriage(archive_, engine_, decoder_, MakeOptions()).Run(task, cancellation_);

    ASSERT_EQ(TriageOutcome::Kind::Changed, outcome.kind);
    EXPECT_GE(outcome.request.notBefore,
              std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() + 3000);
    EXPECT_EQ(ComputeFingerprint(*archive_.GetStudy(STUDY)), outcome.request.fingerprint);
  }

  TEST_F(StudyTriageTest, OurOwnResultsDoNotChangeTheContentOfAStudy)
  {
    StoreSeries();
    const std::string before = ComputeFingerprint(*archive_.GetStudy(STUDY));
    Run();
    EXPECT_EQ(before, ComputeFingerprint(*archive_.GetStudy(STUDY)));
  }

  TEST_F(StudyTriageTest, CancellationLeavesNothingBehind)
  {
    StoreSeries();
    cancellation_.Request();
    EXPECT_THROW(Run(), Error);
    EXPECT_TRUE(archive_.ListSeries("SR").empty());
    EXPECT_TRUE(archive_.ListSeries("SEG").empty());
  }

  TEST_F(StudyTriageTest, AnEngineThatFailsLeavesNothingBehind)
  {
    StoreSeries();
    engine_.FailWith(Error(ErrorCode::Unavailable, "the engine died"));
    EXPECT_THROW(Run(), Error);
    EXPECT_TRUE(archive_.ListSeries("SR").empty());
    EXPECT_TRUE(archive_.ListSeries("SEG").empty());
  }

  TEST_F(StudyTriageTest, AllCandidatesHaveAResultEachWhenSoConfigured)
  {
    StoreSeries();
    H3K27M::Support::DicomSeriesOptions second;
    second.seriesInstanceUid = "2.25.2002";
    StoreSeries(second);

    TriageOptions options = MakeOptions();
    options.routing.candidates = Routing::CandidatePolicy::All;
    const TriageOutcome outcome = Run({}, options);

    EXPECT_EQ(2u, archive_.ListSeries("SR").size());
    const Json::Value json = Protocol::ParseJson(outcome.result.json);
    EXPECT_EQ(1u, json["further_results"].size());
    ASSERT_EQ(2u, json["routing"].size());

    for (const Json::Value& verdict : json["routing"])
    {
      const bool isBest = verdict["series"] == json["series"];
      EXPECT_NE(isBest, verdict.isMember("behind"));
      EXPECT_TRUE(isBest || verdict["behind"]["series"] == json["series"]);
      EXPECT_TRUE(isBest || !verdict["behind"]["reason"].asString().empty());
    }

    Run(outcome.result.json, options);
    EXPECT_EQ(2u, engine_.studies);
  }
}
