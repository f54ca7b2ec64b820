// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "UnitTests/Plugin/Pipeline/TriageTestBase.h"
#include "UnitTests/Plugin/Results/DicomReading.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

namespace H3K27M::Pipeline
{
  namespace
  {
    // What stands in the archive agrees with the images that stand there, whatever happens while a study is in work.
    class TriageConsistencyTest : public Testing::TriageTestBase
    {
    protected:
      // A second series that is taken; the first is the better one.
      void StoreSecondSeries()
      {
        H3K27M::Support::DicomSeriesOptions options;
        options.seriesInstanceUid = "2.25.2002";
        StoreSeries(options);
      }

      static TriageOptions MakeOptionsForAll()
      {
        TriageOptions options = MakeOptions();
        options.routing.candidates = Routing::CandidatePolicy::All;
        return options;
      }

      // Calls `act` when the n-th object of a run is about to be stored.
      void BeforeStore(unsigned n, const std::function<void()>& act)
      {
        archive_.SetHook([this, n, act](const std::string& call, const std::string&)
        {
          if (call == "Store" && ++stores_ == n)
          {
            act();
          }
        });
      }

      void ExpectNoResults()
      {
        EXPECT_TRUE(archive_.ListSeries("SEG").empty());
        EXPECT_TRUE(archive_.ListSeries("SR").empty());
      }

      // A late T1 slice in the series, which makes it refusable.
      void SpoilSeries()
      {
        H3K27M::Support::DicomSeriesOptions options;
        options.slices = 7;
        options.edit = [](DcmDataset& dataset, std::size_t slice)
        {
          if (slice == 6)
          {
            dataset.putAndInsertString(DCM_ImageOrientationPatient, "1\\0\\0\\0\\0\\1");
          }
        };
        StoreSeries(options);
      }

      // The scanner sends the images again, under the same UIDs, and the archive overwrites them.
      void CorrectPatientName(const std::string& name)
      {
        archive_.DeleteSeries("E2.25.2001");
        H3K27M::Support::DicomSeriesOptions options;
        options.patientName = name;
        StoreSeries(options);
      }

      // As it stands in all objects of a case's result.
      std::vector<std::string> ReadPatientNames(const TriageOutcome& outcome)
      {
        const Json::Value json = Protocol::ParseJson(outcome.result.json);
        std::vector<std::string> names;

        for (const char* const instance : {"report", "segmentation"})
        {
          const auto file = Tests::ReadDicom(archive_.ReadInstance(json[instance].asString()));
          names.push_back(Tests::GetText(*file->getDataset(), DCM_PatientName));
        }

        return names;
      }

      static std::string GetHeader(const TriageOutcome& outcome)
      {
        return Protocol::ParseJson(outcome.result.json)["header"].asString();
      }

      static Json::Value GetVerdict(const TriageOutcome& outcome, const std::string& seriesId)
      {
        const Json::Value json = Protocol::ParseJson(outcome.result.json);

        for (const Json::Value& verdict : json["routing"])
        {
          if (verdict["series"].asString() == seriesId)
          {
            return verdict;
          }
        }

        return {};
      }

      unsigned stores_ = 0;
    };
  }

  TEST_F(TriageConsistencyTest, AStudyDeletedWhileTheEngineWorkedIsNotBroughtBack)
  {
    StoreSeries();
    engine_.SetHook([this] { archive_.DeleteStudy(STUDY); });

    EXPECT_EQ(TriageOutcome::Kind::Gone, Run().kind);
    EXPECT_FALSE(archive_.GetStudy(STUDY));
  }

  TEST_F(TriageConsistencyTest, AStudyDeletedWhileResultsAreStoredIsNotBroughtBack)
  {
    StoreSeries();
    BeforeStore(2, [this] { archive_.DeleteStudy(STUDY); });

    EXPECT_EQ(TriageOutcome::Kind::Gone, Run().kind);
    EXPECT_FALSE(archive_.GetStudy(STUDY));
  }

  TEST_F(TriageConsistencyTest, ASourceSeriesDeletedWhileResultsAreStoredTakesThemAlong)
  {
    StoreSeries();
    StoreSecondSeries();
    BeforeStore(1, [this] { archive_.DeleteSeries("E2.25.2001"); });

    EXPECT_EQ(TriageOutcome::Kind::Changed, Run().kind);
    ExpectNoResults();
    EXPECT_TRUE(archive_.GetStudy(STUDY));
  }

  TEST_F(TriageConsistencyTest, SlicesThatCameWhileTheEngineWorkedStoreNothingOfYesterday)
  {
    StoreSeries();
    engine_.SetHook([this]
    {
      H3K27M::Support::DicomSeriesOptions options;
      options.slices = 7;
      StoreSeries(options);
    });

    const TriageOutcome outcome = Run();
    EXPECT_EQ(TriageOutcome::Kind::Changed, outcome.kind);
    EXPECT_EQ(ComputeFingerprint(*archive_.GetStudy(STUDY)), outcome.request.fingerprint);
    ExpectNoResults();
  }

  TEST_F(TriageConsistencyTest, OfAllCandidatesNoneIsStoredWhenTheSecondFails)
  {
    StoreSeries();
    StoreSecondSeries();
    engine_.SetHook([this]
    {
      if (engine_.studies == 2)
      {
        throw Error(ErrorCode::Unavailable, "the engine died");
      }
    });

    EXPECT_THROW(Run({}, MakeOptionsForAll()), Error);
    ExpectNoResults();
  }

  TEST_F(TriageConsistencyTest, AReportThatTheArchiveDoesNotWantTakesItsSegmentationAlong)
  {
    StoreSeries();
    BeforeStore(2, [] { throw Error(ErrorCode::Conflict, "FilteredOut"); });
    EXPECT_THROW(Run(), Error);
    ExpectNoResults();
  }

  TEST_F(TriageConsistencyTest, AReportThatCannotBeStoredNowTakesItsSegmentationAlongToo)
  {
    StoreSeries();
    BeforeStore(2, [] { throw Error(ErrorCode::Unavailable, "no space left on device"); });
    EXPECT_THROW(Run(), Error);
    ExpectNoResults();  // this may have been the last attempt

    archive_.SetHook(nullptr);
    EXPECT_EQ(TriageOutcome::Kind::Done, Run().kind);
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
  }

  TEST_F(TriageConsistencyTest, AResultThatStoodWholeStaysWhenAnotherCannotBeStored)
  {
    StoreSeries();
    Run({}, MakeOptionsForAll());
    const std::vector<std::string> segmentations = archive_.ListSeries("SEG");
    const std::vector<std::string> reports = archive_.ListSeries("SR");
    ASSERT_EQ(1u, reports.size());
    StoreSecondSeries();

    // The work store was lost, so that the first result is stored once more; the fourth object is the second's report.
    for (const ErrorCode code : {ErrorCode::Unavailable, ErrorCode::Conflict})
    {
      stores_ = 0;
      BeforeStore(4, [code] { throw Error(code, "refused"); });
      EXPECT_THROW(Run({}, MakeOptionsForAll()), Error);
      EXPECT_EQ(segmentations, archive_.ListSeries("SEG"));
      EXPECT_EQ(reports, archive_.ListSeries("SR"));
    }
  }

  TEST_F(TriageConsistencyTest, AResultThatAnotherServerMadeWholeMeanwhileStays)
  {
    StoreSeries();
    BeforeStore(2, [this]
    {
      archive_.SetHook(nullptr);
      EXPECT_EQ(TriageOutcome::Kind::Done, Run().kind);
      throw Error(ErrorCode::Unavailable, "the database is away");
    });
    EXPECT_THROW(Run(), Error);
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
  }

  TEST_F(TriageConsistencyTest, WhyAResultCouldNotBeStoredIsToldAlsoWhenNothingCanBeRemoved)
  {
    StoreSeries();
    archive_.SetHook([this](const std::string& call, const std::string&)
    {
      if (call == "Store" && ++stores_ == 2)
      {
        throw Error(ErrorCode::Unavailable, "no space left on device");
      }

      if (call == "DeleteSeries")
      {
        throw Error(ErrorCode::Unavailable, "the archive is away");
      }
    });

    try
    {
      Run();
      ADD_FAILURE() << "nothing was thrown";
    }
    catch (const Error& e)
    {
      EXPECT_STREQ("no space left on device", e.what());
    }
  }

  TEST_F(TriageConsistencyTest, AStudyThatIsRefusedAfterLateSlicesLosesItsOldResult)
  {
    StoreSeries();
    const TriageOutcome first = Run();
    ASSERT_EQ(1u, archive_.ListSeries("SR").size());

    SpoilSeries();
    const TriageOutcome outcome = Run(first.result.json);
    ASSERT_EQ(TriageOutcome::Kind::Refused, outcome.kind);
    EXPECT_THAT(outcome.reason, testing::HasSubstr("the earlier result (2 series) was removed"));
    ExpectNoResults();
  }

  TEST_F(TriageConsistencyTest, WhatAReviewNamesStaysWhereNothingCanBeTakenAndWhereNoImageIsLeft)
  {
    StoreSeries();
    const TriageOutcome first = Run();
    StoreReviewOf(archive_.ListSeries("SR").at(0));
    SpoilSeries();
    const TriageOutcome refused = Run(first.result.json);
    ASSERT_EQ(TriageOutcome::Kind::Refused, refused.kind);
    EXPECT_THAT(refused.reason, testing::HasSubstr("the results that a review names stay, no longer in force"));
    EXPECT_FALSE(Protocol::ParseJson(refused.result.json).isMember("report"));
    EXPECT_EQ(2u, CountResults());

    archive_.DeleteSeries("E2.25.2001");
    EXPECT_EQ(TriageOutcome::Kind::Emptied, Run(first.result.json).kind);
    EXPECT_EQ(2u, CountResults());
    archive_.DeleteSeries("E2.25.3000.1");
    Run();
    EXPECT_FALSE(archive_.GetStudy(STUDY)) << "without the review nothing is left to keep";
  }

  TEST_F(TriageConsistencyTest, AResultThatAReviewNamesIsNoOrphanToBeRemoved)
  {
    StoreSeries();
    StoreSecondSeries();
    Run();
    StoreReviewOf(archive_.ListSeries("SR").at(0));
    BeforeStore(1, [this] { archive_.DeleteSeries("E2.25.2001"); });
    EXPECT_EQ(TriageOutcome::Kind::Changed, Run().kind) << "stored again, of a series that is gone";
    EXPECT_EQ(2u, CountResults());
  }

  TEST_F(TriageConsistencyTest, WhatWasCorrectedInTheImagesReachesTheResultUnderTheSameUids)
  {
    StoreSeries();
    const TriageOutcome first = Run();
    EXPECT_THAT(ReadPatientNames(first), testing::Each("Builder^Made"));
    CorrectPatientName("Corrected^Name");
    const TriageOutcome second = Run(first.result.json);
    EXPECT_THAT(ReadPatientNames(second), testing::Each("Corrected^Name"));
    EXPECT_EQ(Protocol::ParseJson(first.result.json)["report_instance_uid"],
              Protocol::ParseJson(second.result.json)["report_instance_uid"]);
    EXPECT_EQ(2u, CountResults());
    const TriageOutcome third = Run(second.result.json);
    EXPECT_EQ(2u, engine_.studies) << "now they agree";

    // What is sent on by it: the receiver of the first has another name.
    EXPECT_NE(GetHeader(first), GetHeader(second));
    EXPECT_EQ(GetHeader(second), GetHeader(third));
    EXPECT_EQ(GetHeader(second), GetHeader(Run(first.result.json))) << "killed before the second was recorded";
  }

  TEST_F(TriageConsistencyTest, WhatAReviewNamesIsNotRewrittenAndTheCaseSaysSo)
  {
    StoreSeries();
    const TriageOutcome first = Run();
    StoreReviewOf(archive_.ListSeries("SR").at(0));
    CorrectPatientName("Corrected^Name");
    const TriageOutcome second = Run(Run(first.result.json).result.json);
    EXPECT_EQ(1u, engine_.studies);
    EXPECT_THAT(ReadPatientNames(second), testing::Each("Builder^Made"));
    EXPECT_EQ(GetHeader(first), GetHeader(second));
    const Json::Value warnings = Protocol::ParseJson(second.result.json)["warnings"];
    ASSERT_EQ(Protocol::ParseJson(first.result.json)["warnings"].size() + 1, warnings.size()) << "once";
    EXPECT_THAT(warnings[warnings.size() - 1].asString(), testing::HasSubstr("corrected in the images since"));

    archive_.DeleteSeries("E2.25.3000.1");
    const TriageOutcome third = Run(second.result.json);
    EXPECT_THAT(ReadPatientNames(third), testing::Each("Corrected^Name"));
    EXPECT_EQ(Protocol::ParseJson(first.result.json)["warnings"], Protocol::ParseJson(third.result.json)["warnings"]);
  }

  TEST_F(TriageConsistencyTest, InShadowARefusalRemovesNothing)
  {
    StoreSeries();
    const TriageOutcome first = Run();
    SpoilSeries();
    TriageOptions options = MakeOptions();
    options.shadow = true;

    EXPECT_EQ(TriageOutcome::Kind::Refused, Run(first.result.json, options).kind);
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
  }

  TEST_F(TriageConsistencyTest, AStudyWhoseImagesWereDeletedLosesItsResult)
  {
    StoreSeries();
    const TriageOutcome first = Run();
    ASSERT_EQ(1u, archive_.ListSeries("SR").size());
    archive_.DeleteSeries("E2.25.2001");
    TriageOptions shadow = MakeOptions();
    shadow.shadow = true;
    EXPECT_EQ(TriageOutcome::Kind::Emptied, Run(first.result.json, shadow).kind);
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());

    const TriageOutcome outcome = Run(first.result.json);
    EXPECT_EQ(TriageOutcome::Kind::Emptied, outcome.kind);
    EXPECT_THAT(outcome.reason, testing::HasSubstr("the earlier result (2 series) was removed"));
    ExpectNoResults();
  }

  TEST_F(TriageConsistencyTest, AFileThatTheStorageLostLeavesTheOldResultInPlace)
  {
    StoreSeries();
    const TriageOutcome first = Run();
    archive_.SetHook([](const std::string& call, const std::string&)
    {
      if (call == "ReadInstance")
      {
        throw Error(ErrorCode::Corrupt, "the file is lost");
      }
    });

    const TriageOutcome outcome = Run(first.result.json);
    EXPECT_EQ(TriageOutcome::Kind::Refused, outcome.kind);
    EXPECT_THAT(outcome.reason, testing::HasSubstr("left in place"));
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
  }

  TEST_F(TriageConsistencyTest, ABestCandidateWhosePixelsCannotBeComputedGivesWayToTheSecond)
  {
    StoreSeries();
    StoreSecondSeries();
    engine_.SetHook([this]
    {
      if (engine_.studies == 1)
      {
        throw Error(ErrorCode::BadInput, "all voxels are equal");
      }
    });

    const TriageOutcome outcome = Run();
    ASSERT_EQ(TriageOutcome::Kind::Done, outcome.kind);
    EXPECT_EQ("E2.25.2002", outcome.result.seriesId);
    EXPECT_FALSE(GetVerdict(outcome, "E2.25.2001")["accepted"].asBool());
    EXPECT_THAT(GetVerdict(outcome, "E2.25.2001")["reasons"][0].asString(), testing::HasSubstr("all voxels are equal"));
    EXPECT_TRUE(GetVerdict(outcome, "E2.25.2002")["accepted"].asBool());
  }

  TEST_F(TriageConsistencyTest, AStudyWhosePixelsCannotBeComputedIsRefusedWithTheReason)
  {
    StoreSeries();
    engine_.FailWith(Error(ErrorCode::BadInput, "all voxels are equal"));
    const TriageOutcome outcome = Run();

    EXPECT_EQ(TriageOutcome::Kind::Refused, outcome.kind);
    EXPECT_THAT(outcome.reason, testing::HasSubstr("all voxels are equal"));
  }

  TEST_F(TriageConsistencyTest, AFileLostInOneSeriesLeavesTheOthersTheirResult)
  {
    StoreSeries();
    StoreSecondSeries();
    archive_.SetHook([](const std::string& call, const std::string& instance)
    {
      if (call == "ReadInstance" && instance.starts_with("I2.25.2001."))
      {
        throw Error(ErrorCode::Corrupt, "the file is lost");
      }
    });

    const TriageOutcome outcome = Run();
    ASSERT_EQ(TriageOutcome::Kind::Done, outcome.kind);
    EXPECT_EQ("E2.25.2002", outcome.result.seriesId);
  }

  TEST_F(TriageConsistencyTest, ASegmentationThatWasDeletedIsMadeAgain)
  {
    StoreSeries();
    const TriageOutcome first = Run();
    archive_.DeleteSeries("E" + archive_.ListSeries("SEG").front());
    Run(first.result.json);

    EXPECT_EQ(2u, engine_.studies);
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(1u, archive_.ListSeries("SR").size());
  }
}
