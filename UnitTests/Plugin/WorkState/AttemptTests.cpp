// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"

#include <gtest/gtest.h>

namespace H3K27M::Testing
{
  using namespace WorkState;

  class AttemptContract : public OpenWorkStoreTest
  {
  protected:
    static TaskResult MakeResult(const std::string& summary)
    {
      TaskResult result;
      result.json = "{}";
      result.summary = summary;
      return result;
    }
  };

  TEST_P(AttemptContract, EachEndIsKeptTheNewestFirstAlsoWhenTheStudyIsComputedAnew)
  {
    ASSERT_TRUE(store_->Fail(EnqueueAndClaim("a").GetTicket(), "engine gone", true, POLICY));
    const UnixMs failedAt = clock_.NowMs();
    clock_.Advance(std::chrono::hours(1));
    ASSERT_TRUE(store_->Finish(store_->Claim("server", LEASE).value().GetTicket(), MakeResult("{\"model\":\"m\"}")));
    store_->Enqueue(MakeRequest("a", "other"));
    ASSERT_TRUE(store_->Refuse(store_->Claim("server", LEASE).value().GetTicket(), "no axial T2", MakeResult("")));

    const std::vector<Attempt> attempts = store_->GetAttempts().List("a", 10);
    ASSERT_EQ(3u, attempts.size());
    EXPECT_EQ(TaskState::Refused, attempts[0].state);
    EXPECT_EQ("no axial T2", attempts[0].details);
    EXPECT_EQ(1u, attempts[0].number) << "other content counts anew";
    EXPECT_EQ(TaskState::Done, attempts[1].state);
    EXPECT_EQ("{\"model\":\"m\"}", attempts[1].details);
    EXPECT_EQ(2u, attempts[1].number);
    EXPECT_EQ(TaskState::Failed, attempts[2].state);
    EXPECT_EQ("engine gone", attempts[2].details);
    EXPECT_EQ(failedAt, attempts[2].endedAt);
    EXPECT_EQ(1u, store_->GetAttempts().List("a", 1).size());
    EXPECT_TRUE(store_->GetAttempts().List("b", 10).empty());
  }

  TEST_P(AttemptContract, WhatChangedMeanwhileWasDoneAllTheSame)
  {
    const Task task = EnqueueAndClaim("a");
    ASSERT_EQ(EnqueueOutcome::AfterThisRun, store_->Enqueue(MakeRequest("a", "other")));
    ASSERT_TRUE(store_->Finish(task.GetTicket(), MakeResult("{}")));
    ASSERT_EQ(TaskState::Queued, store_->FindByStudy("a").value().state);
    EXPECT_EQ(TaskState::Done, store_->GetAttempts().List("a", 10).at(0).state);
  }

  TEST_P(AttemptContract, AnOrderlyStopIsNoEndAndALostClaimNone)
  {
    const Task task = EnqueueAndClaim("a");
    ASSERT_TRUE(store_->Release(task.GetTicket()));
    EXPECT_FALSE(store_->Finish(task.GetTicket(), MakeResult("{}")));
    EXPECT_TRUE(store_->GetAttempts().List("a", 10).empty());
  }

  TEST_P(AttemptContract, AttemptsGoWithTheStudy)
  {
    ASSERT_TRUE(store_->Finish(EnqueueAndClaim("a").GetTicket(), MakeResult("{}")));
    ASSERT_TRUE(store_->Finish(EnqueueAndClaim("b").GetTicket(), MakeResult("{}")));
    EXPECT_TRUE(store_->Forget("a"));
    EXPECT_TRUE(store_->GetAttempts().List("a", 10).empty());
    EXPECT_EQ(1u, store_->GetAttempts().List("b", 10).size());
  }

  INSTANTIATE_TEST_SUITE_P(Databases, AttemptContract, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
