// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/HistoryJson.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace H3K27M::Testing
{
  using namespace Rest;
  using WorkState::Attempt;
  using WorkState::AuditEntry;

  namespace
  {
    AuditEntry MakeEntry(Support::UnixMs at, const std::string& what, const std::string& who,
                         const std::string& details, const std::string& outcome)
    {
      AuditEntry entry;
      entry.at = at;
      entry.what = what;
      entry.who = who;
      entry.details = details;
      entry.outcome = outcome;
      return entry;
    }

    std::vector<std::string> ListActions(const Json::Value& history)
    {
      std::vector<std::string> actions;

      for (const Json::Value& entry : history["entries"])
      {
        actions.push_back(entry["action"].asString());
      }

      return actions;
    }
  }

  TEST(HistoryJson, TellsWhatModelsSaidAndWhatPeopleDidTheNewestFirst)
  {
    const std::vector<Attempt> attempts{
      {3000, 1, WorkState::TaskState::Done, R"({"model":"m","status":"altered"})"},
      {1000, 2, WorkState::TaskState::Failed, "the engine is gone"},
    };
    const std::vector<AuditEntry> audit{
      MakeEntry(4000, "review", "rest", R"({"decision":"accepted","reviewer":"Lee^Ann"})", ""),
      MakeEntry(2000, "putMask", "ann", "replaces nothing", "done"),
    };
    const Json::Value history = ToHistoryJson({attempts, audit}, 10);
    EXPECT_EQ((std::vector<std::string>{"review", "computed", "putMask", "computed"}), ListActions(history));
    const Json::Value& entries = history["entries"];
    EXPECT_EQ("Lee^Ann", entries[0]["by"].asString()) << "who says so, not the way that it came";
    EXPECT_EQ("accepted", entries[0]["details"]["decision"].asString());
    EXPECT_EQ("done", entries[1]["state"].asString());
    EXPECT_EQ("m", entries[1]["details"]["model"].asString());
    EXPECT_TRUE(entries[1]["by"].isNull());
    EXPECT_EQ("ann", entries[2]["by"].asString());
    EXPECT_EQ("1970-01-01T00:00:02", entries[2]["at"].asString().substr(0, 19));
    EXPECT_EQ("the engine is gone", entries[3]["details"].asString());
    EXPECT_EQ(2u, entries[3]["attempt"].asUInt());
  }

  TEST(HistoryJson, TellsWhoChoseTheSeriesAndWhoGaveTheChoiceBack)
  {
    const std::vector<AuditEntry> audit{
      MakeEntry(2000, "withdrawSeries", "bob", "", "done"),
      MakeEntry(1000, "chooseSeries", "ann", "series 1a-2b", "done"),
      MakeEntry(500, "chooseSeries", "ann", "HTTP 409", "failed"),
    };
    const Json::Value history = ToHistoryJson({{}, audit}, 10);
    EXPECT_EQ((std::vector<std::string>{"withdrawSeries", "chooseSeries"}), ListActions(history));
    EXPECT_EQ("bob", history["entries"][0]["by"].asString());
    EXPECT_EQ("ann", history["entries"][1]["by"].asString());
    EXPECT_EQ("series 1a-2b", history["entries"][1]["details"].asString());
  }

  TEST(HistoryJson, LeavesTheAuditItsRefusalsAndWhatIsToldTwice)
  {
    const std::vector<AuditEntry> audit{
      MakeEntry(5000, "putMask", "eve", "HTTP 403", "refused"),
      MakeEntry(4000, "putLabel", "ann", "", "done"),
      MakeEntry(3000, "label", "rest", R"({"genotype":"altered","annotator":"Ann"})", ""),
      MakeEntry(2000, "label-superseded", "archive", "{}", ""),
    };
    const Json::Value history = ToHistoryJson({{}, audit}, 10);
    EXPECT_EQ(std::vector<std::string>{"label"}, ListActions(history));
    EXPECT_EQ("Ann", history["entries"][0]["by"].asString());
  }

  TEST(HistoryJson, TellsWhereTheCaseWasSentOnToAndWhatWasGivenUp)
  {
    std::vector<Settings::DeliveryRuleSettings> rules(1);
    rules[0].name = "pacs";
    rules[0].address = "ARCHIVE";
    std::vector<WorkState::Delivery> deliveries(3);
    deliveries[0].rule = "pacs";
    deliveries[0].AwaitCommitment("asked", 0, 1000);
    deliveries[0].Confirm(5000);
    deliveries[1].rule = "hook";
    deliveries[1].Fail("the webhook answered 500", false, {}, 3000);
    deliveries[2].rule = "pacs";  // it waits: nothing has happened
    const std::vector<AuditEntry> audit{MakeEntry(2000, "retryDelivery", "ann", "delivery 7", "done")};
    const Json::Value history = ToHistoryJson({{}, audit, deliveries, rules}, 10);
    EXPECT_EQ((std::vector<std::string>{"delivery", "delivery", "retryDelivery", "delivery"}), ListActions(history));
    const Json::Value& entries = history["entries"];
    EXPECT_EQ("confirmed", entries[0]["state"].asString());
    EXPECT_EQ("modality ARCHIVE", entries[0]["details"]["target"].asString());
    EXPECT_EQ("dead", entries[1]["state"].asString());
    EXPECT_EQ("the webhook answered 500", entries[1]["details"]["reason"].asString());
    EXPECT_EQ("hook", entries[1]["details"]["rule"].asString());
    EXPECT_TRUE(entries[1]["details"]["target"].isNull()) << "no such rule is configured";
    EXPECT_EQ("ann", entries[2]["by"].asString());
    EXPECT_EQ("delivered", entries[3]["state"].asString());
    EXPECT_EQ("1970-01-01T00:00:01", entries[3]["at"].asString().substr(0, 19));
  }

  TEST(HistoryJson, TellsAMaskThatCameOrWentByDicomAndOneOfARequestOnce)
  {
    const auto mask = [](const std::string& uid)
    { return R"({"sop_instance_uid":")" + uid + R"(","creator":"Expert^One","algorithm_type":"MANUAL"})"; };
    const std::vector<AuditEntry> audit{
      MakeEntry(8000, "mask-removed", "archive", mask("2.25.11"), ""),
      MakeEntry(7000, "mask-removed", "archive", mask("2.25.1"), ""),
      MakeEntry(6000, "withdrawMask", "ann", "segmentation 2.25.1", "done"),
      MakeEntry(5000, "withdrawMask", "eve", "segmentation 2.25.11", "refused"),
      MakeEntry(4000, "mask-received", "archive", mask("2.25.11"), ""),
      MakeEntry(3000, "mask-received", "archive", mask("2.25.1"), ""),
      MakeEntry(2000, "putMask", "ann", "MANUAL segmentation 2.25.1", "done"),
    };
    const Json::Value history = ToHistoryJson({{}, audit}, 10);
    EXPECT_EQ((std::vector<std::string>{"mask-removed", "withdrawMask", "mask-received", "putMask"}),
              ListActions(history));
    EXPECT_EQ("2.25.11", history["entries"][0]["details"]["sop_instance_uid"].asString());
    EXPECT_EQ("Expert^One", history["entries"][2]["by"].asString());
  }

  // A request is of one coming or going, recorded before or after it; what came or went later came or went by DICOM.
  TEST(HistoryJson, TellsAMaskThatComesAndGoesAgainUnderTheSameUid)
  {
    const std::string mask = R"({"sop_instance_uid":"2.25.1"})";
    const std::vector<AuditEntry> audit{
      MakeEntry(9000, "mask-removed", "archive", mask, ""),
      MakeEntry(8000, "mask-received", "archive", mask, ""),
      MakeEntry(6100, "withdrawMask", "ann", "segmentation 2.25.1", "done"),
      MakeEntry(6000, "mask-removed", "archive", mask, ""),
      MakeEntry(4100, "mask-received", "archive", mask, ""),
      MakeEntry(4000, "putMask", "ann", "MANUAL segmentation 2.25.1", "done"),
      MakeEntry(3000, "mask-removed", "archive", mask, ""),
      MakeEntry(2000, "mask-received", "archive", mask, ""),
    };
    const Json::Value history = ToHistoryJson({{}, audit}, 10);
    EXPECT_EQ((std::vector<std::string>{"mask-removed", "mask-received", "withdrawMask", "putMask", "mask-removed",
                                        "mask-received"}),
              ListActions(history));
  }

  TEST(HistoryJson, IsNoLongerThanWanted)
  {
    const std::vector<Attempt> attempts(5, Attempt{1000, 1, WorkState::TaskState::Done, ""});
    EXPECT_EQ(2u, ToHistoryJson({attempts, {}}, 2)["entries"].size());
  }
}
