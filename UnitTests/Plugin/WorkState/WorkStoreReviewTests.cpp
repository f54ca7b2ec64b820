// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"

namespace H3K27M::Testing
{
  using namespace WorkState;

  namespace
  {
    StudyReview MakeReview(const std::string& study, UnixMs recordedAt = 1000)
    {
      StudyReview review;
      review.studyId = study;
      review.studyInstanceUid = "1.2." + study;
      review.seriesId = "series-" + std::to_string(recordedAt);
      review.instanceId = "instance-" + std::to_string(recordedAt);
      review.sopInstanceUid = "2.25." + std::to_string(recordedAt);
      review.decision = "corrected";
      review.status = "wild-type";
      review.reason = "\"A\" 'B'; -- ";
      review.reviewer = "\xE6\x9D\x8E\xE4\xBC\x9F";
      review.organisation = "\xE5\x8C\x97\xE4\xBA\xAC";
      review.reportUid = "2.25.12";
      review.synthetic = true;
      review.recordedAt = recordedAt;
      return review;
    }
  }

  class WorkStoreReviewContract : public OpenWorkStoreTest
  {
  protected:
    std::vector<std::string> ListStudies(std::optional<bool> reviewed)
    {
      TaskQuery query;
      query.reviewed = reviewed;
      std::vector<std::string> studies;

      for (const Task& task : store_->List(query).tasks)
      {
        studies.push_back(task.studyId);
      }

      return studies;
    }
  };

  TEST_P(WorkStoreReviewContract, KeepsEveryField)
  {
    EXPECT_FALSE(store_->GetReviews().Find("a"));
    store_->GetReviews().Put(MakeReview("a"));
    EXPECT_EQ(MakeReview("a"), store_->GetReviews().Find("a"));
    EXPECT_EQ(MakeReview("a"), store_->GetReviews().FindBySeries("series-1000"));
    EXPECT_EQ(MakeReview("a"), store_->GetReviews().FindAll({"a", "b"}).at("a"));
    EXPECT_EQ(1u, store_->GetReviews().Count());
    EXPECT_EQ(0u, store_->GetLabels().Count()) << "a table of its own";
  }

  TEST_P(WorkStoreReviewContract, ALaterReviewReplacesAndAnEarlierOneDoesNot)
  {
    store_->GetReviews().Put(MakeReview("a", 2000));
    store_->GetReviews().Put(MakeReview("a", 1000));
    EXPECT_EQ(MakeReview("a", 2000), store_->GetReviews().Find("a"));
    store_->GetReviews().Put(MakeReview("a", 3000));
    EXPECT_EQ(MakeReview("a", 3000), store_->GetReviews().Find("a"));
    EXPECT_FALSE(store_->GetReviews().Remove("a", "instance-2000"));
    EXPECT_TRUE(store_->GetReviews().Remove("a", "instance-3000"));
  }

  TEST_P(WorkStoreReviewContract, ForgetsTheReviewWithTheStudy)
  {
    store_->GetReviews().Put(MakeReview("a"));
    store_->Forget("a");
    EXPECT_FALSE(store_->GetReviews().Find("a"));
  }

  TEST_P(WorkStoreReviewContract, ForgetsAllOfAStudyOrNothing)
  {
    store_->Enqueue(MakeRequest("a"));
    store_->GetReviews().Put(MakeReview("a"));
    *ConnectDirectly() << "ALTER TABLE h3k27m_shadow RENAME TO h3k27m_shadow_away";
    EXPECT_THROW(store_->Forget("a"), Error);
    EXPECT_TRUE(store_->GetReviews().Find("a"));
    *ConnectDirectly() << "ALTER TABLE h3k27m_shadow_away RENAME TO h3k27m_shadow";
    EXPECT_TRUE(store_->Forget("a"));
    EXPECT_FALSE(store_->GetReviews().Find("a"));
  }

  TEST_P(WorkStoreReviewContract, TheWorklistIsFilteredByIt)
  {
    store_->Enqueue(MakeRequest("a"));
    store_->Enqueue(MakeRequest("b"));
    store_->GetReviews().Put(MakeReview("b"));
    EXPECT_EQ(std::vector<std::string>{"b"}, ListStudies(true));
    EXPECT_EQ(std::vector<std::string>{"a"}, ListStudies(false));
    EXPECT_EQ(2u, ListStudies(std::nullopt).size());
  }

  // A radiologist's list: what was computed and what nobody has judged yet.
  TEST_P(WorkStoreReviewContract, ListsWhatIsDoneUntilItsPresentResultIsReviewed)
  {
    for (const char* const study : {"never", "present", "earlier", "blind"})
    {
      ASSERT_TRUE(
        store_->Finish(EnqueueAndClaim(study).GetTicket(), {"series", R"({"report_instance_uid":"2.25.12"})", {}, {}}));
    }

    store_->Enqueue(MakeRequest("waits"));
    StudyReview review = MakeReview("present");
    store_->GetReviews().Put(review);
    review = MakeReview("earlier");
    review.reportUid = "2.25.1";  // begins as the present one's does
    store_->GetReviews().Put(review);
    review = MakeReview("blind");
    review.reportUid.clear();
    store_->GetReviews().Put(review);

    TaskQuery query;
    query.states = {TaskState::Done, TaskState::Dead};
    query.unread = true;
    query.order = TaskOrder::Created;
    query.descending = false;
    const TaskPage page = store_->List(query);
    ASSERT_EQ(2u, page.tasks.size());
    EXPECT_EQ(2u, page.total);
    EXPECT_EQ("never", page.tasks[0].studyId);
    EXPECT_EQ("earlier", page.tasks[1].studyId);
  }

  TEST_P(WorkStoreReviewContract, WhatWasGivenUpIsListedWhateverItsReviews)
  {
    ASSERT_TRUE(store_->Fail(EnqueueAndClaim("a").GetTicket(), "no", false, POLICY));
    store_->GetReviews().Put(MakeReview("a"));
    TaskQuery query;
    query.states = {TaskState::Done, TaskState::Dead};
    query.unread = true;
    EXPECT_EQ(1u, store_->List(query).total);
  }

  // Of a million tasks few have a review: how many have none follows from how many there are, which SQLite keeps.
  TEST_P(WorkStoreReviewContract, WhatNobodyHasReadIsCountedByWhatSomebodyHas)
  {
    if (GetParam() != Dialect::Sqlite)
    {
      GTEST_SKIP() << "PostgreSQL keeps no counts";
    }

    ASSERT_TRUE(
      store_->Finish(EnqueueAndClaim("a").GetTicket(), {"series", R"({"report_instance_uid":"2.25.12"})", {}, {}}));
    store_->GetReviews().Put(MakeReview("a"));
    store_->GetReviews().Put(MakeReview("without a task"));
    *ConnectDirectly() << "UPDATE h3k27m_task_counts SET n = 1000 WHERE state = 'done'";
    TaskQuery query;
    query.states = {TaskState::Done, TaskState::Dead};
    query.unread = true;
    EXPECT_EQ(999u, store_->List(query).total);
  }

  INSTANTIATE_TEST_SUITE_P(Database, WorkStoreReviewContract, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
