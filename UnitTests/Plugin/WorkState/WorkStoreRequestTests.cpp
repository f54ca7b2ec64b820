// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a person asked for, against what came by itself.

#include "Inference/Protocol/Error.h"
#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"

namespace H3K27M::Testing
{
  using namespace WorkState;
  using std::chrono::milliseconds;

  class WorkStoreRequests : public OpenWorkStoreTest
  {
  protected:
    void ExpectQueuedAfresh(const std::string& study)
    {
      const Task task = store_->Request(study);
      EXPECT_EQ(TaskState::Queued, task.state) << study;
      EXPECT_EQ(0u, task.attempts) << study;
      EXPECT_EQ("", task.reason) << study;
      EXPECT_EQ(study, store_->Claim("server", LEASE).value().studyId);
    }
  };

  TEST_P(WorkStoreRequests, QueueAgainWhatIsDeadCancelledOrFailed)
  {
    store_->Fail(EnqueueAndClaim("dead").GetTicket(), "the voxels are NaN", false, POLICY);
    store_->Cancel(EnqueueAndClaim("cancelled").id, "by admin");
    store_->FinishCancelled(store_->FindByStudy("cancelled")->GetTicket(), "");
    store_->Fail(EnqueueAndClaim("failed").GetTicket(), "engine died", true, POLICY);

    for (const char* study : {"dead", "cancelled", "failed"})
    {
      ExpectQueuedAfresh(study);
    }
  }

  TEST_P(WorkStoreRequests, DoNotWaitUntilTheStudyIsStable)
  {
    EnqueueRequest request = MakeRequest("study");
    request.notBefore = clock_.NowMs() + 60000;
    store_->Enqueue(request);
    EXPECT_FALSE(store_->Claim("server", LEASE));
    EXPECT_EQ(clock_.NowMs(), store_->Request("study").notBefore);
    EXPECT_TRUE(store_->Claim("server", LEASE));
  }

  TEST_P(WorkStoreRequests, LeaveAnAnswerThatStands)
  {
    store_->Finish(EnqueueAndClaim("done").GetTicket(), {});
    store_->Refuse(EnqueueAndClaim("refused").GetTicket(), "no axial T2 series", {});
    EXPECT_EQ(TaskState::Done, store_->Request("done").state);
    EXPECT_EQ(TaskState::Refused, store_->Request("refused").state);
    EXPECT_FALSE(store_->Claim("server", LEASE));
  }

  TEST_P(WorkStoreRequests, ReviveWhatIsBeingCancelled)
  {
    const Task task = EnqueueAndClaim("study");
    store_->Cancel(task.id, "by admin");
    store_->Request("study");
    store_->FinishCancelled(task.GetTicket(), "cancelled");
    EXPECT_TRUE(store_->Claim("server", LEASE, ClaimScope::Requested));
  }

  TEST_P(WorkStoreRequests, NameAStudyThatHasATask)
  {
    EXPECT_THROW(store_->Request("study"), Error);
  }

  TEST_P(WorkStoreRequests, AreAllThatIsClaimedWhenNothingElseMayBe)
  {
    store_->Enqueue(MakeRequest("by itself", "f", Priority::Urgent));
    store_->Enqueue(MakeRequest("asked for"));
    store_->Enqueue(MakeRequest("retried"));
    store_->Enqueue(MakeRequest("backfill", "f", Priority::Backfill));
    store_->Request("asked for");
    store_->Retry(store_->FindByStudy("retried")->id);

    for (const char* study : {"asked for", "retried", "backfill"})
    {
      EXPECT_EQ(study, store_->Claim("server", LEASE, ClaimScope::Requested).value().studyId);
    }

    EXPECT_FALSE(store_->Claim("server", LEASE, ClaimScope::Requested));
    EXPECT_EQ("by itself", store_->Claim("server", LEASE).value().studyId);
  }

  // With Triage: off nothing else would take it.
  TEST_P(WorkStoreRequests, CountForAStudyThatWaitsAlready)
  {
    store_->Enqueue(MakeRequest("waits", "f", Priority::Routine));
    EXPECT_FALSE(store_->Claim("server", LEASE, ClaimScope::Requested));
    store_->Enqueue(MakeRequest("waits", "f", Priority::Backfill));
    EXPECT_TRUE(store_->Claim("server", LEASE, ClaimScope::Requested));
  }

  TEST_P(WorkStoreRequests, LastUntilTheirAnswer)
  {
    store_->Enqueue(MakeRequest("study"));
    store_->Request("study");
    Task task = store_->Claim("server", LEASE, ClaimScope::Requested).value();
    store_->Fail(task.GetTicket(), "engine died", true, POLICY);
    clock_.Advance(POLICY.firstDelay);
    task = store_->Claim("server", LEASE, ClaimScope::Requested).value();
    store_->Release(task.GetTicket());
    task = store_->Claim("server", LEASE, ClaimScope::Requested).value();
    store_->Finish(task.GetTicket(), {});

    store_->Enqueue(MakeRequest("study", "late slices"));
    EXPECT_FALSE(store_->Claim("server", LEASE, ClaimScope::Requested)) << "nobody asked for these";
  }

  TEST_P(WorkStoreRequests, OfAWorkersOwnClaimsNoneIsTakenForAbandoned)
  {
    const Task own = EnqueueAndClaim("own");
    const Task other = EnqueueAndClaim("other");
    clock_.Advance(LEASE + milliseconds(1));
    EXPECT_EQ(1u, store_->RecoverLeases(std::nullopt, 10, {own.GetTicket()}));
    EXPECT_EQ(TaskState::Running, store_->Find(own.id)->state);
    EXPECT_EQ(TaskState::Queued, store_->Find(other.id)->state);
    EXPECT_EQ(LeaseState::Held, store_->Renew(own.GetTicket(), LEASE));

    // An older claim of a task that somebody else took over since protects nothing.
    const ClaimTicket stale = other.GetTicket();
    ASSERT_TRUE(store_->Claim("another", LEASE));
    clock_.Advance(LEASE + milliseconds(1));
    EXPECT_EQ(1u, store_->RecoverLeases(std::nullopt, 10, {own.GetTicket(), stale}));
  }

  INSTANTIATE_TEST_SUITE_P(Database, WorkStoreRequests, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
