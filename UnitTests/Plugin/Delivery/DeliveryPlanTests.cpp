// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Delivery/DeliveryPlan.h"
#include "Plugin/Delivery/WebhookMessage.h"
#include "Plugin/Support/KeyedHash.h"

#include <gtest/gtest.h>

namespace H3K27M::Delivery
{
  namespace
  {
    using namespace Settings;

    WorkState::TaskResult MakeResult(const std::string& status, double volumeMm3, bool isShadow = false)
    {
      Json::Value json;
      json["report_instance_uid"] = "1.2.3";
      json["segmentation_instance_uid"] = volumeMm3 > 0 ? Json::Value("1.2.4") : Json::Value();
      json["prediction"]["status"] = status;
      json["volume_mm3"] = volumeMm3;
      json["shadow"] = isShadow;
      json["further_results"] = Json::arrayValue;
      WorkState::TaskResult result;
      result.json = Protocol::WriteCompactJson(json);
      return result;
    }

    std::size_t Count(const DeliveryRuleSettings& rule, const WorkState::TaskResult& result)
    {
      return PlanDeliveries(std::vector{rule}, result).size();
    }

    TEST(DeliveryPlan, TakesWhatMeetsTheCondition)
    {
      DeliveryRuleSettings rule;
      rule.name = "rule";
      EXPECT_EQ(1u, Count(rule, MakeResult("wild-type", 0)));
      rule.when = DeliveryCondition::Tumour;
      EXPECT_EQ(0u, Count(rule, MakeResult("wild-type", 0)));
      EXPECT_EQ(1u, Count(rule, MakeResult("wild-type", 5)));
      rule.when = DeliveryCondition::Altered;
      EXPECT_EQ(0u, Count(rule, MakeResult("wild-type", 5)));
      EXPECT_EQ(1u, Count(rule, MakeResult("altered", 5)));
      rule.minimumVolumeMm3 = 6;
      EXPECT_EQ(0u, Count(rule, MakeResult("altered", 5)));
      EXPECT_EQ(1u, Count(rule, MakeResult("altered", 6)));
    }

    TEST(DeliveryPlan, OrdersNothingThatIsNotThere)
    {
      DeliveryRuleSettings rule;
      EXPECT_EQ(0u, Count(rule, MakeResult("altered", 5, true))) << "shadow";
      rule.send = DeliveryContent::Segmentation;
      EXPECT_EQ(0u, Count(rule, MakeResult("altered", 0))) << "no segmentation";
      EXPECT_TRUE(PlanDeliveries({}, MakeResult("altered", 5)).empty());
    }

    TEST(DeliveryPlan, GivesEqualResultsEqualKeys)
    {
      const std::vector<DeliveryRuleSettings> rules(1);
      const auto orders = PlanDeliveries(rules, MakeResult("altered", 5));
      ASSERT_EQ(1u, orders.size());
      EXPECT_EQ("1.2.3", orders[0].resultKey);
      EXPECT_EQ(orders, PlanDeliveries(rules, MakeResult("altered", 5)));
      EXPECT_EQ(orders[0].resultKey, MakeResultKey(MakeResult("altered", 5).json));
      EXPECT_EQ("altered", Protocol::ParseJson(orders[0].resultJson)[0]["status"].asString());
    }

    // Its objects have the same UIDs, and the receiver would keep the name of before.
    TEST(DeliveryPlan, OrdersAResultAgainOncePatientOrStudyWereCorrected)
    {
      const auto plan = [](const std::string& header)
      {
        Json::Value json = Protocol::ParseJson(MakeResult("altered", 5).json);
        json["header"] = header;
        WorkState::TaskResult result;
        result.json = Protocol::WriteCompactJson(json);
        const WorkState::DeliveryOrder order = PlanDeliveries(std::vector<DeliveryRuleSettings>(1), result).at(0);
        EXPECT_EQ(order.resultKey, MakeResultKey(result.json));
        EXPECT_EQ(std::string::npos, order.resultJson.find(header)) << "no receiver needs it";
        return order.resultKey;
      };

      EXPECT_EQ(plan("0a1b2c3d"), plan("0a1b2c3d"));
      EXPECT_NE(plan("0a1b2c3d"), plan("4e5f6071"));
      EXPECT_EQ("1.2.3", ListReports(plan("0a1b2c3d")));
      EXPECT_EQ("1.2.3 1.2.4", ListReports("1.2.3 1.2.4")) << "of before it was noted";
    }

    TEST(DeliveryPlan, HasNoKeyForWhatIsNotToBeSentOn)
    {
      EXPECT_EQ("", MakeResultKey(MakeResult("altered", 5, true).json)) << "shadow";
      EXPECT_EQ("", MakeResultKey(R"({"routing": []})")) << "refused";
      EXPECT_EQ("", MakeResultKey("")) << "never computed";
    }

    TEST(WebhookMessage, IsSignedOverItsWholeBody)
    {
      WorkState::Delivery delivery;
      delivery.id = 7;
      delivery.resultJson = "[]";
      const WebhookMessage message = WebhookMessage::Make(delivery, "0123456789abcdef", 1000);
      EXPECT_EQ("sha256=" + Support::ComputeKeyedHash("0123456789abcdef", message.body),
                message.headers.at("H3K27M-Signature"));
      const Json::Value json = Protocol::ParseJson(message.body);
      EXPECT_EQ(7, json["delivery"].asInt());
      EXPECT_TRUE(json["research_use_only"].asBool());
    }
  }
}
