// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "UnitTests/Plugin/Labels/LabelTestBase.h"

namespace H3K27M::Labels
{
  using testing::ElementsAre;
  using testing::HasSubstr;
  using WorkState::StudyLabel;

  namespace
  {
    class StudyLabelsTest : public Testing::LabelTestBase
    {
    protected:
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
    };
  }

  TEST_F(StudyLabelsTest, AStudyWithoutLabelSaysSo)
  {
    EXPECT_EQ(ErrorCode::NotFound, GetFault([this] { labels_.Get(STUDY); }, "has no label"));
    EXPECT_EQ(ErrorCode::NotFound, GetFault([this] { labels_.Withdraw(STUDY); }, "has no label"));
    EXPECT_EQ(ErrorCode::NotFound, GetFault([this] { labels_.Get("S1"); }, "There is no study"));
    EXPECT_EQ(ErrorCode::NotFound, GetFault([this] { labels_.Set("S1", MakeLabel(), "REST"); }, "There is no study"));
    EXPECT_EQ(ErrorCode::NotFound, GetFault([this] { labels_.Withdraw("S1"); }, "There is no study"));
  }

  TEST_F(StudyLabelsTest, ALabelStandsInTheArchiveAndInTheStore)
  {
    const LabelChange change = labels_.Set(STUDY, MakeLabel(), "REST");
    EXPECT_TRUE(change.changed);
    EXPECT_EQ(1u, CountReports());
    EXPECT_EQ("REST", change.label.source);
    EXPECT_EQ("2.25.1001", change.label.studyInstanceUid);
    EXPECT_FALSE(change.label.synthetic);
    EXPECT_EQ(archive_.FindInstance(change.label.sopInstanceUid), change.label.instanceId);
    EXPECT_EQ(change.label, labels_.Get(STUDY));
    EXPECT_EQ(change.label, store_->GetLabels().Find(STUDY));
    EXPECT_THAT(ListAudit(), ElementsAre("label"));
  }

  TEST_F(StudyLabelsTest, IsReadFromTheArchiveWhereTheStoreKnowsNothing)
  {
    const StudyLabel set = labels_.Set(STUDY, MakeLabel(), "REST").label;
    store_->GetLabels().Remove(STUDY, set.instanceId);
    EXPECT_EQ(set, labels_.Get(STUDY));
    EXPECT_FALSE(store_->GetLabels().Find(STUDY)) << "looking changes nothing";
  }

  TEST_F(StudyLabelsTest, TheSameLabelTwiceChangesNothing)
  {
    const StudyLabel first = labels_.Set(STUDY, MakeLabel(), "REST").label;
    EXPECT_FALSE(labels_.WouldChange(STUDY, MakeLabel()));
    const LabelChange again = labels_.Set(STUDY, MakeLabel(), "CSV import");
    EXPECT_FALSE(again.changed);
    EXPECT_EQ(first, again.label);
    EXPECT_THAT(ListAudit(), ElementsAre("label"));
  }

  TEST_F(StudyLabelsTest, ANewerLabelReplacesTheOlder)
  {
    labels_.Set(STUDY, MakeLabel("first"), "REST");
    EXPECT_TRUE(labels_.WouldChange(STUDY, MakeLabel("second")));
    const LabelChange change = labels_.Set(STUDY, MakeLabel("second"), "REST");
    EXPECT_TRUE(change.changed);
    EXPECT_EQ("second", labels_.Get(STUDY).annotator);
    EXPECT_EQ(1u, CountReports());
    EXPECT_EQ(1u, store_->GetLabels().Count());
    EXPECT_THAT(ListAudit(), ElementsAre("label", "label-superseded", "label"));

    labels_.Set(STUDY, MakeLabel("first"), "REST");
    EXPECT_EQ("first", labels_.Get(STUDY).annotator);
  }

  TEST_F(StudyLabelsTest, WhoHasNotSeenTheLabelDoesNotReplaceIt)
  {
    const auto set = [this](const std::string& annotator, const std::string& seen)
    { return labels_.Set(STUDY, MakeLabel(annotator), "REST", seen); };
    EXPECT_EQ(ErrorCode::Conflict, GetFault([&] { set("first", "2.25.9"); }, "is gone meanwhile"));
    const StudyLabel first = set("first", "").label;
    EXPECT_FALSE(set("first", "").changed) << "the answer was lost, say";
    EXPECT_EQ(ErrorCode::Conflict, GetFault([&] { set("second", ""); }, "'altered' by first"));
    EXPECT_EQ(first, labels_.Get(STUDY));
    EXPECT_TRUE(set("second", first.sopInstanceUid).changed);
    EXPECT_EQ("second", labels_.Look(STUDY)->annotator);
  }

  TEST_F(StudyLabelsTest, WhoHasNotSeenTheLabelDoesNotWithdrawIt)
  {
    const StudyLabel first = labels_.Set(STUDY, MakeLabel("first"), "REST").label;
    const StudyLabel second = labels_.Set(STUDY, MakeLabel("second"), "REST").label;

    for (const std::string& seen : {first.sopInstanceUid, std::string()})
    {
      EXPECT_EQ(ErrorCode::Conflict, GetFault([&] { labels_.Withdraw(STUDY, seen); }, "'altered' by second"));
    }

    EXPECT_EQ(second, labels_.Get(STUDY));
    EXPECT_EQ("second", labels_.Withdraw(STUDY, second.sopInstanceUid)->annotator);
    EXPECT_EQ(0u, CountReports());
  }

  // The clock of the other site runs ahead, or ours was set back.
  TEST_F(StudyLabelsTest, WhatAPersonSetsLastCountsWhateverTheClocksSay)
  {
    Receive(MakeLabel("ahead"), clock_.NowMs() + 3'600'000);
    EXPECT_EQ("ahead", labels_.Get(STUDY).annotator);
    labels_.Set(STUDY, MakeLabel("here"), "REST");
    EXPECT_EQ("here", labels_.Get(STUDY).annotator);
    EXPECT_EQ(1u, CountReports());
  }

  TEST_F(StudyLabelsTest, TheLastOfTwoLabelsIsInForceWhateverTheOrderOfTheirArrival)
  {
    Receive(MakeLabel("late"), 2000);
    Receive(MakeLabel("early"), 1000);
    EXPECT_EQ("late", labels_.Get(STUDY).annotator);
    EXPECT_EQ(2u, CountReports());
    Refresh();
    EXPECT_EQ("late", store_->GetLabels().Find(STUDY)->annotator);
    EXPECT_EQ(1u, CountReports());
    EXPECT_THAT(ListAudit(), ElementsAre("label-superseded", "label-received"));
  }

  // Killed after the new report was stored and before the old one was removed.
  TEST_F(StudyLabelsTest, WhatACrashLeftDoubledIsMended)
  {
    labels_.Set(STUDY, MakeLabel("old"), "REST");
    Receive(MakeLabel("new"), clock_.NowMs() + 10);
    const LabelChange again = labels_.Set(STUDY, MakeLabel("new"), "REST");
    EXPECT_FALSE(again.changed);
    EXPECT_EQ(1u, CountReports());
    EXPECT_EQ("new", store_->GetLabels().Find(STUDY)->annotator);
  }

  TEST_F(StudyLabelsTest, AWithdrawnLabelIsGoneEverywhere)
  {
    labels_.Set(STUDY, MakeLabel(), "REST");
    Receive(MakeLabel("another"), 1000);
    EXPECT_EQ("Annotator", labels_.Withdraw(STUDY)->annotator);
    EXPECT_EQ(0u, CountReports());
    EXPECT_FALSE(store_->GetLabels().Find(STUDY));
    EXPECT_EQ(ErrorCode::NotFound, GetFault([this] { labels_.Get(STUDY); }));
    EXPECT_EQ("label-withdrawn", ListAudit().back());
  }

  TEST_F(StudyLabelsTest, ALabelIsNoReasonToLookAtTheStudyAgain)
  {
    const std::string before = Pipeline::ComputeFingerprint(*archive_.GetStudy(STUDY));
    labels_.Set(STUDY, MakeLabel(), "REST");
    EXPECT_EQ(before, Pipeline::ComputeFingerprint(*archive_.GetStudy(STUDY)));
    EXPECT_TRUE(Pipeline::GetTriageResults(*archive_.GetStudy(STUDY)).empty()) << "triage would remove it";
  }

  TEST_F(StudyLabelsTest, ALabelDoesNotBringADeletedStudyBack)
  {
    archive_.SetHook([this](const std::string& call, const std::string&)
    {
      if (call == "Store")
      {
        archive_.DeleteStudy(STUDY);
      }
    });
    EXPECT_EQ(ErrorCode::Conflict, GetFault([this] { labels_.Set(STUDY, MakeLabel(), "REST"); }, "deleted"));
    EXPECT_FALSE(archive_.GetStudy(STUDY));
    EXPECT_FALSE(store_->GetLabels().Find(STUDY));
  }

  TEST_F(StudyLabelsTest, OfTwoWhoSetAtOnceTheLaterWinsAndNoneIsLost)
  {
    bool isInside = false;
    archive_.SetHook([&](const std::string& call, const std::string&)
    {
      if (call == "Store" && !isInside)
      {
        isInside = true;
        labels_.Set(STUDY, MakeLabel("other"), "REST");
      }
    });
    labels_.Set(STUDY, MakeLabel("one"), "REST");
    EXPECT_EQ(1u, CountReports());
    EXPECT_EQ(labels_.Get(STUDY), store_->GetLabels().Find(STUDY));
  }

  TEST_F(StudyLabelsTest, AReportThatNobodyUnderstandsIsToldAndStays)
  {
    const StudyLabel set = labels_.Set(STUDY, MakeLabel(), "REST").label;
    store_->GetLabels().Remove(STUDY, set.instanceId);
    std::string file = archive_.ReadInstance(set.instanceId);
    archive_.DeleteInstance(set.instanceId);
    file.replace(file.find("genotype-label"), 14, "genotype-lapel");
    archive_.Store(std::span(file));

    EXPECT_EQ(ErrorCode::NotFound, GetFault([this] { labels_.Get(STUDY); }, "Not a label report"));
    Refresh();
    EXPECT_EQ(1u, CountReports());
    labels_.Set(STUDY, MakeLabel("new"), "REST");
    EXPECT_EQ("new", labels_.Get(STUDY).annotator);
    EXPECT_EQ(2u, CountReports());
    labels_.Withdraw(STUDY);
    EXPECT_EQ(0u, CountReports());
  }

  TEST_F(StudyLabelsTest, ALabelOfAPhantomSaysThatItIsSynthetic)
  {
    H3K27M::Support::DicomSeriesOptions options;
    options.studyInstanceUid = "2.25.77";
    options.seriesInstanceUid = "2.25.78";
    options.edit = [](DcmDataset& dataset, std::size_t)
    { dataset.putAndInsertString(DcmTag(0x0008, 0x0070), "Orthanc-H3K27M"); };
    StoreSeries(options);
    EXPECT_TRUE(labels_.Set("S2.25.77", MakeLabel(), "REST").label.synthetic);
  }
}
