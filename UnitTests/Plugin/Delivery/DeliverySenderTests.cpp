// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Delivery/DeliveryPlan.h"
#include "Plugin/Delivery/DeliverySender.h"
#include "UnitTests/Plugin/Pipeline/FakeArchive.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"
#include "UnitTests/Support/FakeClock.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <deque>

namespace H3K27M::Delivery
{
  namespace
  {
    using WorkState::DeliveryState;

    // Sends at once. Remembers a few storage commitments, as Orthanc does, and drops the oldest for one more.
    class ForgetfulTransport : public ITransport
    {
    public:
      std::string StartStore(const Settings::DeliveryRuleSettings&, const std::vector<std::string>&) override
      {
        return "job";
      }

      Progress LookAtJob(const std::string&) override
      {
        return {Progress::State::Success, {}};
      }

      void CancelJob(const std::string&) override
      {
      }

      std::string RequestCommitment(const std::string&, const std::vector<std::string>&) override
      {
        if (known.size() == MEMORY)
        {
          known.pop_front();
        }

        known.push_back("2.25." + std::to_string(++asked));
        return known.back();
      }

      Progress LookAtCommitment(const std::string& transaction) override
      {
        if (std::find(known.begin(), known.end(), transaction) == known.end())
        {
          return {Progress::State::Unknown, {}};
        }

        return {confirms ? Progress::State::Success : Progress::State::Running, {}};
      }

      unsigned Post(const std::string&, const std::map<std::string, std::string>&, const std::string& body,
                    std::chrono::seconds) override
      {
        posted.push_back(Protocol::ParseJson(body)["results"][0]["report_instance_uid"].asString());
        return answer;
      }

      static constexpr std::size_t MEMORY = 4;

      std::deque<std::string> known;
      unsigned asked = 0;
      bool confirms = false;
      std::vector<std::string> posted;  // UIDs of the reports that webhooks were told of
      unsigned answer = 200;
    };

    class DeliverySenderTest : public testing::Test
    {
    protected:
      DeliverySenderTest() :
        store_(WorkState::WorkStore::Open({"sqlite://" + (folder_.GetPath() / "work.db").string()}, clock_))
      {
        rule_.name = "pacs";
        rule_.address = "PACS";
        rule_.storageCommitment = true;
      }

      // So many results of one study, all with the same object.
      void Order(unsigned count)
      {
        const std::string object =
          archive_.Store(std::span(H3K27M::Support::DicomSeriesBuilder({}).MakeFiles().front()));
        const std::string json = R"([{"report":")" + object + R"(","segmentation_instance_uid":null}])";
        WorkState::TaskResult result;
        result.json = "{}";

        for (unsigned i = 0; i < count; i++)
        {
          result.deliveries.push_back({rule_.name, "1.2." + std::to_string(i), json});
        }

        store_->Enqueue({"S2.25.1001", "2.25.1001", "content"});
        const auto task = store_->Claim("worker", std::chrono::seconds(60));
        ASSERT_TRUE(task);
        ASSERT_TRUE(store_->Finish(task->GetTicket(), result));
      }

      DeliverySender Make(ForgetfulTransport& transport, const std::string& owner = "one")
      {
        SenderOptions options;
        options.rules = {rule_};
        options.owner = owner;
        options.maxAwaited = 3;
        return {*store_, archive_, transport, clock_, options};
      }

      // All that is due at this moment.
      void StepAll(DeliverySender& sender)
      {
        while (sender.Step(rule_, {}))
        {
        }
      }

      std::uint64_t Count(DeliveryState state)
      {
        return store_->GetDeliveries().Count().byState.at(state);
      }

      WorkState::Delivery GetOnly()
      {
        return store_->GetDeliveries().List({}).deliveries.at(0);
      }

      Testing::FakeClock clock_;
      Testing::TemporaryFolder folder_;
      std::unique_ptr<WorkState::WorkStore> store_;
      Testing::FakeArchive archive_;
      ForgetfulTransport transport_;
      Settings::DeliveryRuleSettings rule_;
    };

    // Results of one study, computed one after the other, and a webhook that is to be told of them.
    class WebhookSenderTest : public DeliverySenderTest
    {
    protected:
      WebhookSenderTest()
      {
        rule_.target = Settings::DeliveryTarget::Webhook;
        rule_.address = "https://receiver.example/hook";
        rule_.storageCommitment = false;
      }

      WorkState::Task Claim()
      {
        store_->Enqueue({STUDY, "2.25.1001", "content " + std::to_string(++computed_)});
        return store_->Claim("worker", std::chrono::seconds(60)).value();
      }

      // A result with the report `uid`, which stands in the study as the object `report`.
      void Compute(const std::string& uid, const std::string& report)
      {
        Json::Value json;
        json["report"] = report;
        json["report_instance_uid"] = uid;
        WorkState::TaskResult result;
        result.json = Protocol::WriteCompactJson(json);
        result.deliveries = PlanDeliveries(std::vector{rule_}, result);
        ASSERT_EQ(1u, result.deliveries.size());
        clock_.Advance(std::chrono::seconds(1));
        ASSERT_TRUE(store_->Finish(Claim().GetTicket(), result));
      }

      std::string StoreReport()
      {
        return archive_.Store(std::span(H3K27M::Support::DicomSeriesBuilder({}).MakeFiles().front()));
      }

      WorkState::Delivery Get(const std::string& uid)
      {
        const std::vector<WorkState::Delivery> all = store_->GetDeliveries().List({}).deliveries;
        return *std::find_if(all.begin(), all.end(),
                             [&uid](const WorkState::Delivery& one) { return one.resultKey == uid; });
      }

      static constexpr const char* STUDY = "S2.25.1001";
      unsigned computed_ = 0;
    };
  }

  TEST_F(DeliverySenderTest, MoreThanTheArchiveRemembersAreConfirmedWithOneQuestionEach)
  {
    constexpr unsigned DELIVERIES = 8;
    Order(DELIVERIES);
    DeliverySender sender = Make(transport_);
    StepAll(sender);
    EXPECT_EQ(DELIVERIES, Count(DeliveryState::Delivered));
    EXPECT_EQ(3u, transport_.asked);

    transport_.confirms = true;

    for (unsigned minute = 0; minute < 10; minute++)
    {
      clock_.Advance(std::chrono::minutes(1));
      StepAll(sender);
    }

    EXPECT_EQ(DELIVERIES, Count(DeliveryState::Confirmed));
    EXPECT_EQ(DELIVERIES, transport_.asked);
  }

  TEST_F(DeliverySenderTest, WhatTheArchiveForgotIsAskedAnewAndLookedAtEverLater)
  {
    Order(1);
    DeliverySender sender = Make(transport_);
    StepAll(sender);
    EXPECT_EQ(clock_.NowMs() + 1000, GetOnly().notBefore);

    using std::chrono::seconds;

    for (const auto& [wait, next] :
         {std::pair(seconds(40), seconds(10)), {seconds(40), seconds(20)}, {seconds(320), seconds(60)}})
    {
      transport_.known.clear();
      clock_.Advance(wait);
      StepAll(sender);
      EXPECT_EQ(clock_.NowMs() + std::chrono::milliseconds(next).count(), GetOnly().notBefore);
    }

    EXPECT_EQ(4u, transport_.asked);
  }

  TEST_F(DeliverySenderTest, AnotherOrthancLeavesAConfirmationToTheOneThatAskedUntilTheLimit)
  {
    Order(1);
    ForgetfulTransport others;
    DeliverySender sender = Make(transport_);
    DeliverySender other = Make(others, "two");
    StepAll(sender);
    clock_.Advance(std::chrono::minutes(1));
    EXPECT_FALSE(other.Step(rule_, {}));
    EXPECT_EQ(0u, others.asked);

    clock_.Advance(std::chrono::hours(24));
    EXPECT_TRUE(other.Step(rule_, {}));
    EXPECT_EQ(DeliveryState::Failed, GetOnly().state);
    EXPECT_THAT(GetOnly().reason, testing::HasSubstr("not confirmed within"));
  }

  TEST_F(DeliverySenderTest, WhatWaitsForARuleThatWasRemovedIsGivenUpUnlessAnotherOrthancMayHaveIt)
  {
    Order(1);
    SenderOptions options;
    options.owner = "one";
    DeliverySender(*store_, archive_, transport_, clock_, options).Start();
    EXPECT_EQ(DeliveryState::Waiting, GetOnly().state);

    options.sharesStore = false;
    DeliverySender(*store_, archive_, transport_, clock_, options).Start();
    EXPECT_EQ(DeliveryState::Superseded, GetOnly().state);
    EXPECT_EQ("the rule is not in the configuration any more", GetOnly().reason);
    EXPECT_FALSE(Make(transport_).Step(rule_, {})) << "it goes nowhere";
  }

  // The receiver believes what it was told last.
  TEST_F(WebhookSenderTest, IsNotToldOfAResultAfterTheOneThatTookItsPlace)
  {
    const std::string report = StoreReport();  // a review names both, so that both stay in the study
    DeliverySender sender = Make(transport_);
    transport_.answer = 503;
    Compute("1.2.1", report);
    StepAll(sender);
    ASSERT_EQ(DeliveryState::Failed, Get("1.2.1").state);

    transport_.answer = 200;
    Compute("1.2.2", report);
    StepAll(sender);
    EXPECT_EQ(DeliveryState::Delivered, Get("1.2.2").state);

    clock_.Advance(std::chrono::hours(1));
    StepAll(sender);
    EXPECT_EQ(DeliveryState::Superseded, Get("1.2.1").state);
    EXPECT_THAT(Get("1.2.1").reason, testing::HasSubstr("has taken its place"));
    EXPECT_EQ((std::vector<std::string>{"1.2.1", "1.2.2"}), transport_.posted);
  }

  TEST_F(WebhookSenderTest, IsNotToldOfAResultThatWasRefusedSince)
  {
    const std::string report = StoreReport();
    DeliverySender sender = Make(transport_);
    Compute("1.2.1", report);
    WorkState::TaskResult refusal;
    refusal.json = "{}";
    ASSERT_TRUE(store_->Refuse(Claim().GetTicket(), "late slices contradict it", refusal));
    StepAll(sender);
    EXPECT_EQ(DeliveryState::Superseded, Get("1.2.1").state);
    EXPECT_TRUE(transport_.posted.empty());
  }

  TEST_F(WebhookSenderTest, IsNotToldOfAResultWhoseReportIsGone)
  {
    StoreReport();
    DeliverySender sender = Make(transport_);
    Compute("1.2.1", "I2.25.404");
    StepAll(sender);
    EXPECT_EQ(DeliveryState::Superseded, Get("1.2.1").state);
    EXPECT_THAT(Get("1.2.1").reason, testing::HasSubstr("no longer in the study"));
    EXPECT_TRUE(transport_.posted.empty());
  }

  TEST_F(WebhookSenderTest, IsToldOnceMoreWhenAPersonWantsIt)
  {
    const std::string report = StoreReport();
    DeliverySender sender = Make(transport_);
    Compute("1.2.1", report);
    StepAll(sender);
    store_->GetDeliveries().Retry(Get("1.2.1").id);
    StepAll(sender);
    EXPECT_EQ(DeliveryState::Delivered, Get("1.2.1").state);
    EXPECT_EQ(2u, transport_.posted.size());
  }
}
