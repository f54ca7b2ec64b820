// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"

#include <algorithm>
#include <vector>

namespace H3K27M::Testing
{
  using namespace WorkState;

  namespace
  {
    StudyLabel MakeLabel(const std::string& study, UnixMs recordedAt = 1000)
    {
      StudyLabel label;
      label.studyId = study;
      label.studyInstanceUid = "1.2." + study;
      label.seriesId = "series-" + std::to_string(recordedAt);
      label.instanceId = "instance-" + std::to_string(recordedAt);
      label.sopInstanceUid = "2.25." + std::to_string(recordedAt);
      label.genotype = "altered";
      label.assay = "pyrosequencing";
      label.gene = "H3F3A";
      label.site = "\xE5\x8C\x97\xE4\xBA\xAC \"A\" 'B'; -- ";
      label.preOperative = true;
      label.split = "excluded";
      label.reason = "artefact";
      label.annotator = "Li Wei";
      label.reviser = "Chen";
      label.source = "REST";
      label.synthetic = true;
      label.recordedAt = recordedAt;
      return label;
    }
  }

  class WorkStoreLabelContract : public OpenWorkStoreTest
  {
  };

  TEST_P(WorkStoreLabelContract, KeepsEveryField)
  {
    EXPECT_FALSE(store_->GetLabels().Find("a"));
    const StudyLabel label = MakeLabel("a");
    store_->GetLabels().Put(label);
    EXPECT_EQ(label, store_->GetLabels().Find("a"));
    EXPECT_EQ(label, store_->GetLabels().FindBySeries("series-1000"));
    EXPECT_FALSE(store_->GetLabels().FindBySeries("series-1"));

    StudyLabel bare = MakeLabel("b");
    bare.gene.clear();
    bare.reason.clear();
    bare.reviser.clear();
    bare.preOperative = bare.synthetic = false;
    store_->GetLabels().Put(bare);
    EXPECT_EQ(bare, store_->GetLabels().Find("b"));
  }

  TEST_P(WorkStoreLabelContract, ALaterLabelReplacesAndAnEarlierOneDoesNot)
  {
    store_->GetLabels().Put(MakeLabel("a", 2000));
    store_->GetLabels().Put(MakeLabel("a", 3000));
    EXPECT_EQ(3000, store_->GetLabels().Find("a")->recordedAt);
    store_->GetLabels().Put(MakeLabel("a", 1000));
    EXPECT_EQ(MakeLabel("a", 3000), store_->GetLabels().Find("a"));
    EXPECT_EQ(1u, store_->GetLabels().Count());
  }

  TEST_P(WorkStoreLabelContract, RemovesTheLabelThatIsNamedAndNoLaterOne)
  {
    store_->GetLabels().Put(MakeLabel("a", 2000));
    EXPECT_FALSE(store_->GetLabels().Remove("a", "instance-1000"));
    EXPECT_TRUE(store_->GetLabels().Find("a"));
    EXPECT_TRUE(store_->GetLabels().Remove("a", "instance-2000"));
    EXPECT_FALSE(store_->GetLabels().Find("a"));
  }

  TEST_P(WorkStoreLabelContract, ForgetsTheLabelWithTheStudy)
  {
    store_->GetLabels().Put(MakeLabel("a"));
    store_->GetLabels().Put(MakeLabel("b"));
    store_->Forget("a");  // it has no task
    EXPECT_FALSE(store_->GetLabels().Find("a"));
    EXPECT_TRUE(store_->GetLabels().Find("b"));
  }

  TEST_P(WorkStoreLabelContract, PagesThroughAll)
  {
    for (int i = 0; i < 25; i++)
    {
      store_->GetLabels().Put(MakeLabel("study-" + std::to_string(100 + i)));
    }

    std::vector<std::string> seen;
    ReportQuery query;
    query.limit = 10;

    for (auto page = store_->GetLabels().List(query); !page.empty(); page = store_->GetLabels().List(query))
    {
      EXPECT_LE(page.size(), 10u);

      for (const StudyLabel& label : page)
      {
        seen.push_back(label.studyId);
      }

      query.after = seen.back();
    }

    EXPECT_EQ(25u, seen.size());
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(25u, store_->GetLabels().Count());
    query.limit = 10'001;
    EXPECT_THROW(store_->GetLabels().List(query), Error);
  }

  TEST_P(WorkStoreLabelContract, FindsThoseOfManyStudiesAtOnce)
  {
    std::vector<std::string> studies;

    for (int i = 0; i < 1200; i++)
    {
      studies.push_back("study" + std::to_string(i));
    }

    store_->GetLabels().Put(MakeLabel("study3"));
    store_->GetLabels().Put(MakeLabel("study1100"));
    store_->GetLabels().Put(MakeLabel("other"));
    const auto found = store_->GetLabels().FindAll(studies);
    ASSERT_EQ(2u, found.size());
    EXPECT_EQ(MakeLabel("study3"), found.at("study3"));
    EXPECT_EQ(MakeLabel("study1100"), found.at("study1100"));
    EXPECT_TRUE(store_->GetLabels().FindAll({}).empty());
  }

  TEST_P(WorkStoreLabelContract, TheWorklistIsFilteredByIt)
  {
    for (const char* const study : {"altered", "wild-type", "none"})
    {
      store_->Enqueue(MakeRequest(study));
    }

    store_->GetLabels().Put(MakeLabel("altered"));
    StudyLabel label = MakeLabel("wild-type");
    label.genotype = "wild-type";
    store_->GetLabels().Put(label);

    const auto ListStudies = [this](LabelFilter filter)
    {
      TaskQuery query;
      query.label = filter;
      const TaskPage page = store_->List(query);
      EXPECT_EQ(page.tasks.size(), page.total);
      std::vector<std::string> studies;

      for (const Task& task : page.tasks)
      {
        studies.push_back(task.studyId);
      }

      std::sort(studies.begin(), studies.end());
      return studies;
    };
    using Studies = std::vector<std::string>;
    EXPECT_EQ(Studies{"none"}, ListStudies(LabelFilter::None));
    EXPECT_EQ((Studies{"altered", "wild-type"}), ListStudies(LabelFilter::Any));
    EXPECT_EQ(Studies{"altered"}, ListStudies(LabelFilter::Altered));
    EXPECT_EQ(Studies{"wild-type"}, ListStudies(LabelFilter::WildType));
  }

  // Of a million tasks few have a label: how many have none follows from how many there are, which SQLite keeps.
  TEST_P(WorkStoreLabelContract, WhatHasNoneIsCountedByWhatHasOne)
  {
    if (GetParam() != Dialect::Sqlite)
    {
      GTEST_SKIP() << "PostgreSQL keeps no counts";
    }

    store_->Enqueue(MakeRequest("labelled"));
    store_->GetLabels().Put(MakeLabel("labelled"));
    store_->GetLabels().Put(MakeLabel("without a task"));
    *ConnectDirectly() << "UPDATE h3k27m_task_counts SET n = 1000 WHERE state = 'queued'";
    TaskQuery query;
    query.label = LabelFilter::None;
    EXPECT_EQ(999u, store_->List(query).total);
  }

  TEST_P(WorkStoreLabelContract, IsCountedTogetherWithEveryOtherFilter)
  {
    StudyReview review;
    review.sopInstanceUid = "2.25.7";
    review.recordedAt = 1000;

    for (const char* const study : {"both", "label", "review", "neither"})
    {
      ASSERT_TRUE(store_->Finish(EnqueueAndClaim(study).GetTicket(), {"series", "{}", 0.75, {}}));
    }

    for (const char* const study : {"both", "label"})
    {
      store_->GetLabels().Put(MakeLabel(study));
    }

    for (const char* const study : {"both", "review"})
    {
      review.studyId = study;
      review.instanceId = std::string("instance of ") + study;
      store_->GetReviews().Put(review);
    }

    TaskQuery query;
    query.states = {TaskState::Done, TaskState::Dead};
    query.priority = Priority::Routine;
    query.minimumProbability = 0.5;

    for (const TaskOrder order : {TaskOrder::Updated, TaskOrder::State, TaskOrder::Probability})
    {
      query.order = order;

      for (const LabelFilter label : {LabelFilter::None, LabelFilter::Any, LabelFilter::Altered})
      {
        query.label = label;
        query.unread = true;
        const TaskPage unread = store_->List(query);
        ASSERT_EQ(1u, unread.tasks.size());
        EXPECT_EQ(1u, unread.total);
        EXPECT_EQ(label == LabelFilter::None ? "neither" : "label", unread.tasks[0].studyId);
        query.unread = false;
        EXPECT_EQ(2u, store_->List(query).total);
      }

      query.label = LabelFilter::WildType;
      EXPECT_EQ(0u, store_->List(query).total);
    }
  }

  INSTANTIATE_TEST_SUITE_P(Database, WorkStoreLabelContract, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
