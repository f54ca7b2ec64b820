// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Results/ReviewWriter.h"
#include "Plugin/Review/StudyReviews.h"
#include "UnitTests/Plugin/Masks/MaskFixture.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

namespace H3K27M::Review
{
  using testing::ElementsAre;
  using testing::HasSubstr;
  using WorkState::StudyReview;

  namespace
  {
    // A study with images, and the report of a model that stands for a result.
    class StudyReviewsTest : public Testing::MaskFixture
    {
    protected:
      static constexpr const char* REPORT = "2.25.900.1";

      StudyReviewsTest() :
        reviews_(archive_, *store_, clock_, Volume::VolumeLimits(), claims_)
      {
      }

      // What triage leaves: a report in the study, and the case in the work store.
      void StoreResult()
      {
        H3K27M::Support::DicomSeriesOptions options;
        options.slices = 1;
        options.seriesInstanceUid = "2.25.900";
        options.edit = [](DcmDataset& dataset, std::size_t)
        {
          dataset.putAndInsertString(DCM_Modality, "SR");
          dataset.putAndInsertString(DCM_Manufacturer, "Orthanc-H3K27M");
          dataset.putAndInsertString(DCM_SeriesNumber, "9003");
        };
        StoreSeries(options);
        Json::Value json;
        json["report"] = archive_.FindInstance(REPORT).value();
        json["report_instance_uid"] = REPORT;
        json["segmentation"] = json["segmentation_instance_uid"] = Json::nullValue;
        json["series_instance_uid"] = "2.25.2001";
        Enqueue();
        const auto task = store_->Claim("test", std::chrono::minutes(1));
        store_->Finish(task->GetTicket(), {"", Protocol::WriteCompactJson(json), 0.9, 0});
      }

      static ReviewRequest MakeRequest(const std::string& result = REPORT, const std::string& replaces = {})
      {
        ReviewRequest request;
        request.review.decision =
          result.empty() ? Results::ReviewDecision::Uncertain : Results::ReviewDecision::Accepted;
        request.review.reason = "seen";
        request.review.reviewer = "Li^Wei";
        request.review.organisation = "Bonn";
        request.result = result;
        request.replaces = replaces;
        return request;
      }

      template <typename Call>
      ErrorCode GetFault(const Call& call, const std::string& words = {})
      {
        try
        {
          call();
        }
        catch (const Error& e)
        {
          EXPECT_THAT(e.what(), HasSubstr(words));
          return e.GetCode();
        }

        ADD_FAILURE() << "nothing was thrown";
        return ErrorCode::Internal;
      }

      std::size_t CountReviews()
      {
        return Pipeline::GetOwnSeries(*archive_.GetStudy(STUDY), Results::OwnSeriesNumber::Review).size();
      }

      std::vector<std::string> ListAudit()
      {
        std::vector<std::string> what;

        for (const WorkState::AuditEntry& entry : store_->ListAudit({STUDY, 0, 100}))
        {
          what.insert(what.begin(), entry.what);
        }

        return what;
      }

      Support::StudyClaims claims_;
      StudyReviews reviews_;
    };
  }

  TEST_F(StudyReviewsTest, AStudyWithoutReviewSaysSo)
  {
    EXPECT_EQ(ErrorCode::NotFound, GetFault([this] { reviews_.Get(STUDY); }, "has no review; POST"));
    EXPECT_EQ(ErrorCode::NotFound, GetFault([this] { reviews_.Get("S1"); }, "There is no study"));
    EXPECT_EQ(ErrorCode::NotFound, GetFault([this] { reviews_.Add("S1", MakeRequest()); }, "There is no study"));
  }

  TEST_F(StudyReviewsTest, AReviewStandsInTheArchiveAndInTheStore)
  {
    StoreResult();
    const StudyReview review = reviews_.Add(STUDY, MakeRequest());
    EXPECT_EQ("accepted", review.decision);
    EXPECT_EQ(REPORT, review.reportUid);
    EXPECT_EQ(1u, CountReviews());
    EXPECT_EQ(review, reviews_.Get(STUDY));
    EXPECT_EQ(review, store_->GetReviews().Find(STUDY));
    EXPECT_THAT(ListAudit(), ElementsAre("review"));
  }

  TEST_F(StudyReviewsTest, WithoutAResultThePageIsALabellingTool)
  {
    const StudyReview review = reviews_.Add(STUDY, MakeRequest(""));
    EXPECT_EQ("uncertain", review.decision);
    EXPECT_EQ("", review.reportUid);
  }

  TEST_F(StudyReviewsTest, TheSecondOfTwoReviewersIsToldAndNothingIsWritten)
  {
    StoreResult();
    const StudyReview first = reviews_.Add(STUDY, MakeRequest());
    EXPECT_EQ(ErrorCode::Conflict, GetFault([this] { reviews_.Add(STUDY, MakeRequest()); }, "'accepted' by Li^Wei"));
    EXPECT_EQ(1u, CountReviews());
    EXPECT_EQ(first, reviews_.Get(STUDY));

    // Having seen it, the second may say something else; the first one stays as history.
    const StudyReview second = reviews_.Add(STUDY, MakeRequest(REPORT, first.sopInstanceUid));
    EXPECT_EQ(2u, CountReviews());
    EXPECT_EQ(second, reviews_.Get(STUDY));
    EXPECT_EQ(second, store_->GetReviews().Find(STUDY));
    EXPECT_EQ(1u, store_->GetReviews().Count());
  }

  TEST_F(StudyReviewsTest, OfTwoAtOnceOneIsWritten)
  {
    StoreResult();
    std::vector<ErrorCode> faults;
    archive_.SetHook([&](const std::string& call, const std::string&)
    {
      if (call == "Store" && faults.empty())
      {
        faults.push_back(GetFault([this] { reviews_.Add(STUDY, MakeRequest()); }, "Another request"));
      }
    });
    reviews_.Add(STUDY, MakeRequest());
    EXPECT_THAT(faults, ElementsAre(ErrorCode::Conflict));
    EXPECT_EQ(1u, CountReviews());
  }

  TEST_F(StudyReviewsTest, AnotherResultThanTheOneThatWasSeenIsAConflict)
  {
    EXPECT_EQ(ErrorCode::Conflict, GetFault([this] { reviews_.Add(STUDY, MakeRequest()); }, "not in the study"));
    StoreResult();
    EXPECT_EQ(ErrorCode::Conflict, GetFault([this] { reviews_.Add(STUDY, MakeRequest("")); }, REPORT));
    EXPECT_EQ(ErrorCode::Conflict, GetFault([this] { reviews_.Add(STUDY, MakeRequest("2.25.1")); }, REPORT));
    EXPECT_EQ(ErrorCode::Conflict, GetFault([this] { reviews_.Add(STUDY, MakeRequest(REPORT, "2.25.2")); }, "gone"));
    EXPECT_EQ(0u, CountReviews());
    const StudyReviews::Situation now = reviews_.Look(STUDY);
    EXPECT_EQ(REPORT, now.result);
    EXPECT_FALSE(now.review);
  }

  TEST_F(StudyReviewsTest, ACorrectionPutsAStatusOrAMaskInPlace)
  {
    StoreResult();
    ReviewRequest request = MakeRequest();
    request.review.decision = Results::ReviewDecision::Corrected;
    EXPECT_EQ(ErrorCode::BadInput, GetFault([&] { reviews_.Add(STUDY, request); }, "'status'"));
    request.review.status = Results::GenotypeStatus::WildType;
    EXPECT_EQ("wild-type", reviews_.Add(STUDY, request).status);
  }

  // The reader looked at one mask, or at none, and another person put one in its place meanwhile.
  TEST_F(StudyReviewsTest, AMaskThatWasNotSeenIsNotAttested)
  {
    StoreResult();
    const std::string first = StoreDrawn(0);
    ReviewRequest request = MakeRequest();
    request.review.decision = Results::ReviewDecision::Corrected;
    request.mask = "";
    EXPECT_EQ(ErrorCode::Conflict, GetFault([&] { reviews_.Add(STUDY, request); }, "it is now " + first));
    EXPECT_EQ(first, reviews_.Look(STUDY, request.mask).mask);

    request.mask = first;
    archive_.DeleteSeries("E" + archive_.ListSeries("SEG").at(0));
    EXPECT_EQ(ErrorCode::Conflict, GetFault([&] { reviews_.Add(STUDY, request); }, "The mask that was looked at"));
    const std::string second = StoreDrawn(1);
    EXPECT_EQ(ErrorCode::Conflict, GetFault([&] { reviews_.Add(STUDY, request); }, "it is now " + second));
    EXPECT_EQ(0u, CountReviews());

    request.mask = second;
    const StudyReview review = reviews_.Add(STUDY, request);
    EXPECT_NE(std::string::npos, archive_.ReadInstance(review.instanceId).find(second)) << "the evidence";
  }

  // A script that knows of no masks.
  TEST_F(StudyReviewsTest, WhoDoesNotSayWhichMaskWasSeenRefersToTheOneThatIsThere)
  {
    StoreResult();
    const std::string drawn = StoreDrawn(0);
    const StudyReview review = reviews_.Add(STUDY, MakeRequest());
    EXPECT_NE(std::string::npos, archive_.ReadInstance(review.instanceId).find(drawn));
  }

  TEST_F(StudyReviewsTest, WithoutAResultWhoSawNoMaskAttestsNone)
  {
    const std::string drawn = StoreDrawn(0);
    ReviewRequest request = MakeRequest("");
    request.mask = "";
    const StudyReview review = reviews_.Add(STUDY, request);
    EXPECT_EQ(std::string::npos, archive_.ReadInstance(review.instanceId).find(drawn));
    request.review.decision = Results::ReviewDecision::Corrected;
    request.replaces = review.sopInstanceUid;
    EXPECT_EQ(ErrorCode::BadInput, GetFault([&] { reviews_.Add(STUDY, request); }, "'status'"));
  }

  // The clock of the other site runs ahead, or ours was set back.
  TEST_F(StudyReviewsTest, TheLastCountsWhateverTheClocksAndTheOrderOfArrival)
  {
    Results::CaseReview ahead = MakeRequest("").review;
    ahead.reviewer = "ahead";
    ahead.reviewedAtMs = clock_.NowMs() + 3'600'000;
    Results::CaseReview early = ahead;
    early.reviewer = "early";
    early.reviewedAtMs = 1000;
    const auto header = H3K27M::Support::DicomSeriesBuilder({}).MakeSlice(0);

    for (const Results::CaseReview& review : {ahead, early})
    {
      const auto file = Results::WriteReview(*header, review, Results::ContentDateTime::Now());
      archive_.Store(std::span(file.bytes));
    }

    reviews_.GetWatcher().OnStudy(archive_.GetStudy(STUDY).value());
    EXPECT_EQ("ahead", store_->GetReviews().Find(STUDY)->reviewer);
    EXPECT_EQ("review-received", ListAudit().back());
    EXPECT_EQ(2u, CountReviews());
    const std::string seen = reviews_.Get(STUDY).sopInstanceUid;
    EXPECT_EQ("Li^Wei", reviews_.Add(STUDY, MakeRequest("", seen)).reviewer);
    EXPECT_EQ("Li^Wei", reviews_.Get(STUDY).reviewer);
  }

  TEST_F(StudyReviewsTest, AfterADeletedReviewTheOneBeforeCountsAgain)
  {
    StoreResult();
    const StudyReview first = reviews_.Add(STUDY, MakeRequest());
    const StudyReview second = reviews_.Add(STUDY, MakeRequest(REPORT, first.sopInstanceUid));
    archive_.DeleteSeries(second.seriesId);
    reviews_.GetWatcher().OnSeriesDeleted(second.seriesId);
    EXPECT_EQ(first, store_->GetReviews().Find(STUDY));
    archive_.DeleteSeries(first.seriesId);
    reviews_.GetWatcher().OnSeriesDeleted(first.seriesId);
    EXPECT_FALSE(store_->GetReviews().Find(STUDY));
    EXPECT_EQ("review-removed", ListAudit().back());
  }

  TEST_F(StudyReviewsTest, AReviewIsNoReasonToLookAtTheStudyAgainAndTriageLeavesIt)
  {
    const std::string before = Pipeline::ComputeFingerprint(*archive_.GetStudy(STUDY));
    reviews_.Add(STUDY, MakeRequest(""));
    EXPECT_EQ(before, Pipeline::ComputeFingerprint(*archive_.GetStudy(STUDY)));
    EXPECT_TRUE(Pipeline::GetTriageResults(*archive_.GetStudy(STUDY)).empty());
  }

  TEST_F(StudyReviewsTest, AReviewDoesNotBringADeletedStudyBack)
  {
    archive_.SetHook([this](const std::string& call, const std::string&)
    {
      if (call == "Store")
      {
        archive_.DeleteStudy(STUDY);
      }
    });
    EXPECT_EQ(ErrorCode::Conflict, GetFault([this] { reviews_.Add(STUDY, MakeRequest("")); }, "deleted"));
    EXPECT_FALSE(archive_.GetStudy(STUDY));
    EXPECT_FALSE(store_->GetReviews().Find(STUDY));
  }
}
