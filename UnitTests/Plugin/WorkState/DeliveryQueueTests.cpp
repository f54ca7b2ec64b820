// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"

namespace H3K27M::Testing
{
  using namespace WorkState;

  class DeliveryQueueContract : public OpenWorkStoreTest
  {
  protected:
    bool FinishWith(const std::string& study, std::vector<DeliveryOrder> orders)
    {
      const Task task = EnqueueAndClaim(study);
      TaskResult result;
      result.json = "{}";
      result.deliveries = std::move(orders);
      return store_->Finish(task.GetTicket(), result);
    }

    std::optional<WorkState::Delivery> Claim(const std::string& owner = "server", const std::string& rule = "pacs")
    {
      return store_->GetDeliveries().Claim(rule, owner, LEASE);
    }

    DeliveryState GetState(std::int64_t id)
    {
      return store_->GetDeliveries().Find(id).value().state;
    }
  };

  TEST_P(DeliveryQueueContract, IsOrderedWithTheResultAndOnlyOnceForTheSameOne)
  {
    ASSERT_TRUE(FinishWith("a", {{"pacs", "1.2", "[1]"}, {"hook", "1.2", "[1]"}}));
    store_->Enqueue(MakeRequest("a", "f2"));
    const Task again = store_->Claim("server", LEASE).value();
    TaskResult result;
    result.json = "{}";
    result.deliveries = {{"pacs", "1.2", "[2]"}, {"pacs", "1.3", "[3]"}};
    ASSERT_TRUE(store_->Finish(again.GetTicket(), result));

    const DeliveryPage page = store_->GetDeliveries().List({});
    ASSERT_EQ(3u, page.total);
    EXPECT_EQ("1.3", page.deliveries[0].resultKey);
    EXPECT_EQ("[1]", page.deliveries[2].resultJson);
    EXPECT_EQ(3u, store_->GetDeliveries().Count().byState.at(DeliveryState::Waiting));
  }

  TEST_P(DeliveryQueueContract, WhatWasSupersededUnsentIsDueAgainWithTheSameResult)
  {
    const auto finishAgain = [this](const std::string& content, const std::string& json)
    {
      store_->Enqueue(MakeRequest("a", content));
      TaskResult result;
      result.json = "{}";
      result.deliveries = {{"pacs", "1.2", json}};
      ASSERT_TRUE(store_->Finish(store_->Claim("server", LEASE)->GetTicket(), result));
    };
    finishAgain("f1", "[1]");
    auto delivery = Claim();
    delivery->Supersede("its objects are gone", clock_.NowMs());
    ASSERT_TRUE(store_->GetDeliveries().Update(*delivery));
    ASSERT_FALSE(Claim());

    clock_.Advance(std::chrono::seconds(5));
    finishAgain("f2", "[2]");
    const WorkState::Delivery due = store_->GetDeliveries().Find(delivery->id).value();
    EXPECT_EQ(DeliveryState::Waiting, due.state);
    EXPECT_EQ("[2]", due.resultJson);
    EXPECT_EQ("", due.reason);
    EXPECT_EQ(clock_.NowMs(), due.createdAt);
    delivery = Claim();
    ASSERT_TRUE(delivery);
    EXPECT_EQ(1u, delivery->attempts);

    // It was sent, and its objects went only then: sent is sent.
    delivery->MarkDelivered(clock_.NowMs());
    delivery->Supersede("its objects are gone", clock_.NowMs());
    ASSERT_TRUE(store_->GetDeliveries().Update(*delivery));
    finishAgain("f3", "[3]");
    EXPECT_FALSE(Claim());
    EXPECT_EQ(DeliveryState::Superseded, GetState(delivery->id));
  }

  TEST_P(DeliveryQueueContract, AResultThatComesBackAfterAnotherIsSentAgain)
  {
    const auto deliver = [this](const std::string& content, const std::string& key)
    {
      clock_.Advance(std::chrono::seconds(5));
      store_->Enqueue(MakeRequest("a", content));
      TaskResult result;
      result.json = "{}";
      result.deliveries = {{"pacs", key, "[]"}};
      EXPECT_TRUE(store_->Finish(store_->Claim("server", LEASE)->GetTicket(), result));
      auto due = Claim();

      if (due)
      {
        due->MarkDelivered(clock_.NowMs());
        EXPECT_TRUE(store_->GetDeliveries().Update(*due));
      }

      return due ? due->resultKey : "";
    };

    EXPECT_EQ("1.2", deliver("f1", "1.2"));
    EXPECT_EQ("", deliver("f2", "1.2")) << "the receiver has it";
    EXPECT_EQ("1.3", deliver("f3", "1.3"));
    EXPECT_EQ("1.2", deliver("f4", "1.2")) << "the receiver had the other one last";
    EXPECT_EQ("", deliver("f5", "1.2"));
    EXPECT_EQ("1.3", deliver("f6", "1.3"));
    EXPECT_EQ(2u, store_->GetDeliveries().List({}).total);
  }

  TEST_P(DeliveryQueueContract, AWorkerThatLostItsClaimOrdersNothing)
  {
    const Task task = EnqueueAndClaim("a");
    TaskResult result;
    result.deliveries = {{"pacs", "1.2", "[]"}};
    EXPECT_FALSE(store_->Finish({task.id, task.claim + 1}, result));
    EXPECT_EQ(0u, store_->GetDeliveries().List({}).total);
  }

  TEST_P(DeliveryQueueContract, FailsWaitsAndIsGivenUpAfterTheLastAttempt)
  {
    FinishWith("a", {{"pacs", "1.2", "[]"}});

    for (unsigned attempt = 1; attempt <= POLICY.maxAttempts; attempt++)
    {
      auto delivery = Claim();
      ASSERT_TRUE(delivery) << attempt;
      EXPECT_EQ(attempt, delivery->attempts);
      EXPECT_FALSE(Claim("another")) << "it is handed out once";
      delivery->Fail("refused", true, POLICY, clock_.NowMs());
      EXPECT_TRUE(store_->GetDeliveries().Update(*delivery));
      EXPECT_FALSE(Claim()) << "it waits";
      clock_.Advance(POLICY.GetDelay(attempt));
    }

    EXPECT_FALSE(Claim());
    const WorkState::Delivery dead = store_->GetDeliveries().List({}).deliveries.front();
    EXPECT_EQ(DeliveryState::Dead, dead.state);
    EXPECT_EQ("refused", dead.reason);
    EXPECT_EQ(0, store_->GetDeliveries().Count().oldestUnsent);

    store_->GetDeliveries().Retry(dead.id);
    EXPECT_EQ(1u, Claim()->attempts);
    EXPECT_THROW(store_->GetDeliveries().Retry(dead.id), Error) << "it is being sent";
    EXPECT_THROW(store_->GetDeliveries().Retry(9999), Error);
  }

  TEST_P(DeliveryQueueContract, IsTakenOverWhenItsSenderEndedAndNotOverwrittenByIt)
  {
    FinishWith("a", {{"pacs", "1.2", "[]"}});
    auto lost = Claim("one");
    clock_.Advance(LEASE);
    auto held = Claim("two");
    ASSERT_TRUE(held);
    lost->MarkDelivered(clock_.NowMs());
    EXPECT_FALSE(store_->GetDeliveries().Renew(*lost, LEASE));
    EXPECT_FALSE(store_->GetDeliveries().Update(*lost));
    EXPECT_EQ(DeliveryState::Sending, GetState(held->id));

    EXPECT_EQ(0u, store_->GetDeliveries().ReleaseHeld("one"));
    EXPECT_EQ(1u, store_->GetDeliveries().ReleaseHeld("two")) << "two was restarted";
    EXPECT_TRUE(Claim("two"));
  }

  TEST_P(DeliveryQueueContract, IsLookedAtUntilTheReceiverConfirms)
  {
    FinishWith("a", {{"pacs", "1.2", "[]"}});
    auto delivery = Claim();
    delivery->AwaitCommitment("2.25.1", clock_.NowMs() + 1000, clock_.NowMs());
    store_->GetDeliveries().Update(*delivery);
    EXPECT_FALSE(Claim());
    clock_.Advance(std::chrono::seconds(1));
    delivery = Claim();
    ASSERT_TRUE(delivery);
    EXPECT_EQ(DeliveryState::Delivered, delivery->state);
    EXPECT_EQ("2.25.1", delivery->commitment);
    EXPECT_EQ(1u, delivery->attempts) << "a look is no attempt";
    delivery->Confirm(clock_.NowMs());
    store_->GetDeliveries().Update(*delivery);
    EXPECT_FALSE(Claim());
    EXPECT_EQ(DeliveryState::Confirmed, GetState(delivery->id));
  }

  TEST_P(DeliveryQueueContract, AConfirmationIsAwaitedByTheOrthancThatAskedForItUntilTheLimit)
  {
    FinishWith("a", {{"pacs", "1.2", "[]"}});
    auto delivery = Claim("one");
    const auto await = [this, &delivery](const std::string& commitment)
    {
      delivery->AwaitCommitment(commitment, clock_.NowMs(), clock_.NowMs());
      ASSERT_TRUE(store_->GetDeliveries().Update(*delivery));
    };

    await(WorkState::Delivery::NameAsker("one") + "2.25.1");
    EXPECT_EQ(1u, store_->GetDeliveries().CountAwaited("one", 0));
    EXPECT_EQ(0u, store_->GetDeliveries().CountAwaited("one", delivery->id));
    EXPECT_EQ(0u, store_->GetDeliveries().CountAwaited("two", 0));
    EXPECT_FALSE(Claim("two")) << "it would be told nothing";
    delivery = Claim("one");
    ASSERT_TRUE(delivery);
    EXPECT_EQ("2.25.1", delivery->GetTransactionUid());

    await(delivery->commitment);
    clock_.Advance(std::chrono::hours(24) + std::chrono::milliseconds(1));
    delivery = Claim("two");
    ASSERT_TRUE(delivery) << "the one that asked is gone for good";

    await("2.25.1");  // as earlier releases stored it
    delivery = Claim("three");
    ASSERT_TRUE(delivery);
    EXPECT_EQ("2.25.1", delivery->GetTransactionUid());
  }

  TEST_P(DeliveryQueueContract, WhatWaitsForNoneOfTheRulesIsGivenUpAndWhatWasDeliveredStaysSo)
  {
    FinishWith("a", {{"pacs", "1", "[]"}, {"hook", "1", "[]"}, {"old", "1", "[]"}});
    auto asked = Claim("server", "old");
    asked->AwaitCommitment("2.25.1", clock_.NowMs(), clock_.NowMs());
    ASSERT_TRUE(store_->GetDeliveries().Update(*asked));
    const std::vector<std::string> rules = {"pacs", "another"};
    EXPECT_EQ(2u, store_->GetDeliveries().GiveUpOthers(rules, "gone"));
    EXPECT_FALSE(Claim("server", "old"));
    EXPECT_EQ(DeliveryState::Delivered, GetState(asked->id));
    EXPECT_FALSE(Claim("server", "hook"));
    EXPECT_TRUE(Claim());
    EXPECT_EQ(1u, store_->GetDeliveries().GiveUpOthers({}, "gone"));
  }

  TEST_P(DeliveryQueueContract, IsListedByStateStudyAndRuleAndGoesWithItsStudy)
  {
    FinishWith("a", {{"pacs", "1", "[]"}, {"hook", "1", "[]"}});
    FinishWith("b", {{"pacs", "2", "[]"}});
    DeliveryQuery query;
    query.studyId = "a";
    EXPECT_EQ(2u, store_->GetDeliveries().List(query).total);
    query.rule = "hook";
    EXPECT_EQ(1u, store_->GetDeliveries().List(query).total);
    query.states = {DeliveryState::Dead, DeliveryState::Failed};
    EXPECT_EQ(0u, store_->GetDeliveries().List(query).total);
    query.limit = 1001;
    EXPECT_THROW(store_->GetDeliveries().List(query), Error);

    store_->Forget("a");
    EXPECT_EQ(1u, store_->GetDeliveries().List({}).total);
  }

  INSTANTIATE_TEST_SUITE_P(Databases, DeliveryQueueContract, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);

  TEST(RetryPolicy, DoublesUpToItsLimit)
  {
    const RetryPolicy policy{9, std::chrono::milliseconds(100), std::chrono::milliseconds(350)};
    EXPECT_EQ(100, policy.GetDelay(1).count());
    EXPECT_EQ(200, policy.GetDelay(2).count());
    EXPECT_EQ(350, policy.GetDelay(3).count());
    EXPECT_EQ(350, policy.GetDelay(1000000).count());
    EXPECT_EQ(0, (RetryPolicy{9, std::chrono::milliseconds(0), std::chrono::milliseconds(350)}.GetDelay(5).count()));
  }
}
