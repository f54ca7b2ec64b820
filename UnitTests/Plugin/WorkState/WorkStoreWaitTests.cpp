// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Waiting times when the time of day is set back.

#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"

namespace H3K27M::Testing
{
  using namespace WorkState;
  using std::chrono::hours;
  using std::chrono::minutes;

  class WorkStoreWaitContract : public OpenWorkStoreTest
  {
  protected:
    // A study that failed and waits for half a minute.
    void MakeFailed(const std::string& study)
    {
      const Task task = EnqueueAndClaim(study);
      ASSERT_TRUE(store_->Fail(task.GetTicket(), "the engine ended", true, POLICY));
    }

    // A delivery that is due now, of a study that is done.
    void MakeDelivery(const std::string& study)
    {
      const Task task = EnqueueAndClaim(study);
      TaskResult result;
      result.deliveries = {{"rule", "key", "{}"}};
      ASSERT_TRUE(store_->Finish(task.GetTicket(), result));
    }

    bool IsDue()
    {
      return store_->Claim("server", LEASE).has_value();
    }
  };

  TEST_P(WorkStoreWaitContract, AFailedStudyWaitsAsLongAsItWouldHave)
  {
    MakeFailed("a");
    clock_.Advance(-hours(1));
    EXPECT_EQ(1u, store_->ShortenWaits(hours(1)));
    EXPECT_EQ(0u, store_->ShortenWaits(hours(1))) << "another Orthanc noticed it too";
    EXPECT_FALSE(IsDue()) << "the half minute stays";
    clock_.Advance(minutes(1));
    EXPECT_TRUE(IsDue());
  }

  TEST_P(WorkStoreWaitContract, WhatIsDueAlreadyStaysDue)
  {
    store_->Enqueue(MakeRequest("a"));
    EXPECT_EQ(0u, store_->ShortenWaits(hours(1)));
    EXPECT_TRUE(IsDue());
  }

  TEST_P(WorkStoreWaitContract, ADeliveryWaitsAsLongAsItWouldHave)
  {
    MakeDelivery("a");
    clock_.Advance(-hours(1));
    EXPECT_FALSE(store_->GetDeliveries().Claim("rule", "server", LEASE)) << "due an hour from now";
    EXPECT_EQ(1u, store_->ShortenWaits(hours(1)));
    EXPECT_TRUE(store_->GetDeliveries().Claim("rule", "server", LEASE));
  }

  TEST_P(WorkStoreWaitContract, NothingWaitsLongerThanAnythingMay)
  {
    MakeFailed("a");
    MakeDelivery("b");
    clock_.Advance(-hours(24));
    EXPECT_EQ(2u, store_->LimitWaits(minutes(1), hours(1)));
    EXPECT_EQ(0u, store_->LimitWaits(minutes(1), hours(1)));
    clock_.Advance(hours(1));
    EXPECT_TRUE(IsDue());
    EXPECT_TRUE(store_->GetDeliveries().Claim("rule", "server", LEASE));
  }

  TEST_P(WorkStoreWaitContract, WhatIsQueuedWaitsForStabilityAlone)
  {
    EnqueueRequest request = MakeRequest("a");
    request.notBefore = clock_.NowMs() + 1000;
    store_->Enqueue(request);
    clock_.Advance(-hours(24));
    EXPECT_EQ(1u, store_->LimitWaits(minutes(1), hours(1)));
    clock_.Advance(minutes(1));
    EXPECT_TRUE(IsDue());
  }

  TEST_P(WorkStoreWaitContract, AWorkerThatIsGoneHoldsItsStudyNoLonger)
  {
    EnqueueAndClaim("a");
    clock_.Advance(-hours(1));
    EXPECT_EQ(1u, store_->ShortenWaits(hours(1)));
    clock_.Advance(minutes(2));
    EXPECT_EQ(1u, store_->RecoverLeases(std::nullopt, 10));
    EXPECT_TRUE(IsDue()) << "it was due when it was begun";
  }

  INSTANTIATE_TEST_SUITE_P(Database, WorkStoreWaitContract, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
