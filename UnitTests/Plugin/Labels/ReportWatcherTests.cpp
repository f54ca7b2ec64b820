// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Labels/LabelTestBase.h"

namespace H3K27M::Labels
{
  namespace
  {
    class ReportWatcherTest : public Testing::LabelTestBase
    {
    protected:
      void ShowStudy()
      {
        watcher_.OnStudy(archive_.GetStudy(STUDY).value());
      }

      Pipeline::IStudyWatcher& watcher_ = labels_.GetWatcher();
    };
  }

  TEST_F(ReportWatcherTest, ALabelThatCameWithTheStudyFillsTheCopy)
  {
    ShowStudy();
    EXPECT_FALSE(store_->GetLabels().Find(STUDY));
    Receive(MakeLabel("there"), 1000);
    ShowStudy();
    EXPECT_EQ("there", store_->GetLabels().Find(STUDY)->annotator);
    ShowStudy();
    EXPECT_EQ(std::vector<std::string>{"label-received"}, ListAudit());
  }

  TEST_F(ReportWatcherTest, ALabelThatSomebodyDeletedEmptiesTheCopy)
  {
    const WorkState::StudyLabel label = labels_.Set(STUDY, MakeLabel(), "REST").label;
    archive_.DeleteSeries(label.seriesId);
    watcher_.OnSeriesDeleted("another series");
    EXPECT_TRUE(store_->GetLabels().Find(STUDY));
    watcher_.OnSeriesDeleted(label.seriesId);
    EXPECT_FALSE(store_->GetLabels().Find(STUDY));
    EXPECT_EQ("label-removed", ListAudit().back());
  }

  TEST_F(ReportWatcherTest, ADeletedStudyTakesItsLabelAlong)
  {
    const WorkState::StudyLabel label = labels_.Set(STUDY, MakeLabel(), "REST").label;
    archive_.DeleteStudy(STUDY);
    watcher_.OnSeriesDeleted(label.seriesId);
    EXPECT_FALSE(store_->GetLabels().Find(STUDY));
  }

  // The older report goes when a newer one stands; the archive tells of it.
  TEST_F(ReportWatcherTest, TheEndOfASupersededReportChangesNothing)
  {
    const std::string older = labels_.Set(STUDY, MakeLabel("first"), "REST").label.seriesId;
    labels_.Set(STUDY, MakeLabel("second"), "REST");
    watcher_.OnSeriesDeleted(older);
    EXPECT_EQ("second", store_->GetLabels().Find(STUDY)->annotator);
  }

  TEST_F(ReportWatcherTest, KnowsTheStudiesThatHaveALabel)
  {
    EXPECT_TRUE(watcher_.ListStudies({}).empty());
    labels_.Set(STUDY, MakeLabel(), "REST");
    EXPECT_EQ(std::vector<std::string>{STUDY}, watcher_.ListStudies({}));
    EXPECT_TRUE(watcher_.ListStudies(STUDY).empty());
  }
}
