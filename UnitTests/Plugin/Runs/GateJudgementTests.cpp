// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/GateJudgement.h"

#include "Inference/Protocol/Error.h"
#include "UnitTests/Plugin/Runs/RunFixture.h"
#include "UnitTests/Support/Refusal.h"

namespace H3K27M::Runs
{
  using WorkState::RunState;

  namespace
  {
    using testing::HasSubstr;

    class GateJudgementTest : public Testing::RunFixture
    {
    protected:
      GateJudgementTest()
      {
        WriteCard("runs/cv-1/model", "bb");
        WriteVerdict(R"({"passed": true, "reason": "as good", "comparison": {}, "candidate": {"weights_sha256": "bb"},
                        "baseline": {"name": "first", "weights_sha256": "aa"}})");
      }

      void WriteCard(const std::string& path, const std::string& weights, const std::string& gate = "null")
      {
        const std::filesystem::path model = folder_.GetPath() / path;
        std::filesystem::create_directories(model);
        std::ofstream(model / "card.json")
          << R"({"variant": "fusion", "weights_sha256": ")" << weights << R"(", "gate": )" << gate << "}";
        std::ofstream(model / "model.safetensors") << "weights";
      }

      // What the engine answers; what it was asked lies in the file `told`.
      void WriteVerdict(const std::string& verdict)
      {
        std::ofstream(folder_.GetPath() / "verdict") << verdict;
        WriteEngine("echo \"$@\" > " + GetTold().string() + "; cat " + (folder_.GetPath() / "verdict").string() +
                    " >&3");
      }

      std::filesystem::path GetTold() const
      {
        return folder_.GetPath() / "told";
      }

      void InsertDone(const std::string& id, const std::string& request)
      {
        Insert("evaluate", request, id);
        ASSERT_EQ(id, store_->GetRuns().Claim("server", std::chrono::minutes(1), 1).value().id);
        ASSERT_TRUE(store_->GetRuns().Finish(id, "server", RunState::Done, "", "{}"));
      }

      Json::Value Judge(const std::string& name)
      {
        return GateJudgement(*store_, models_, choice_, folders_, Engine::EngineCommand(options_.launch)).Judge(name);
      }

      std::string GetRefusal(const std::string& name)
      {
        return Tests::GetRefusal([&] { Judge(name); });
      }
    };
  }

  TEST_F(GateJudgementTest, NamesTheRunsThatMayHaveMeasuredBothModels)
  {
    InsertDone("evaluate-1", R"({"kind": "evaluate", "from": "first"})");
    InsertDone("evaluate-2", R"({"kind": "evaluate", "from": "cv-1"})");
    InsertDone("evaluate-3", R"({"kind": "evaluate", "from": "somebody else"})");
    Insert("evaluate", R"({"kind": "evaluate", "from": "first"})", "evaluate-4");
    EXPECT_TRUE(Judge("cv-1")["passed"].asBool());
    std::ifstream file(GetTold());
    std::string line;
    std::getline(file, line);
    const std::string runs = (folder_.GetPath() / "runs").string();
    EXPECT_EQ("gate --fd 3 --candidate " + runs + "/cv-1/model --candidate-run " + runs + "/cv-1 --candidate-run " +
                runs + "/evaluate-2 --baseline " + (folder_.GetPath() / "installed" / "first").string() +
                " --baseline-run " + runs + "/evaluate-1",
              line);
  }

  TEST_F(GateJudgementTest, AVerdictCountsFromThenOn)
  {
    EXPECT_THROW(choice_.Promote({"cv-1", false, ""}), Error) << "it was never compared";
    Judge("cv-1");
    EXPECT_EQ("first", choice_.Promote({"cv-1", false, ""}));
  }

  TEST_F(GateJudgementTest, WhatTheRecordsDoNotAllowIsRefusedWithTheReasonAndChangesNothing)
  {
    Judge("cv-1");
    WriteVerdict(R"({"passed": false, "reason": "not judged: no finished run has them on record"})");
    EXPECT_THAT(GetRefusal("cv-1"),
                HasSubstr("The gate of cv-1 against first: not judged: no finished run has them on record"));
    EXPECT_TRUE(choice_.FindGate(models_.Get("cv-1"), choice_.GetCurrent())["passed"].asBool());
    EXPECT_EQ(1u, store_->ListAudit({"cv-1", 0, 10}).size());
  }

  TEST_F(GateJudgementTest, WhatTheOwnRunHasJudgedAgainstTheModelInForceIsNotJudgedOnOtherPatients)
  {
    WriteCard("runs/cv-1/model", "bb", R"({"passed": false, "reason": "worse", "comparison": {},
                                           "baseline": {"name": "first", "weights_sha256": "aa"}})");
    EXPECT_THAT(GetRefusal("cv-1"), HasSubstr("has judged its gate against first: that verdict stands"));
    EXPECT_FALSE(std::filesystem::exists(GetTold())) << "the engine was not asked";
    EXPECT_EQ("worse", choice_.FindGate(models_.Get("cv-1"), choice_.GetCurrent())["reason"].asString());

    WriteCard("runs/cv-1/model", "bb", R"({"passed": false, "reason": "not judged: too few", "comparison": {},
                                           "baseline": {"name": "first", "weights_sha256": "aa"}})");
    EXPECT_TRUE(Judge("cv-1")["passed"].asBool()) << "it has judged nothing";
    WriteCard("runs/cv-1/model", "bb", R"({"passed": false, "reason": "worse", "comparison": {},
                                           "baseline": {"name": "older", "weights_sha256": "00"}})");
    EXPECT_TRUE(Judge("cv-1")["passed"].asBool()) << "the other one is not in force any more";
  }

  TEST_F(GateJudgementTest, AComparisonThatJudgesNothingTakesNoVerdictsPlace)
  {
    const std::string verdict = R"({"passed": false, "reason": "not judged: too few", "comparison": {},
                                    "candidate": {"weights_sha256": "bb"},
                                    "baseline": {"name": "first", "weights_sha256": "aa"}})";
    WriteVerdict(verdict);
    EXPECT_FALSE(Judge("cv-1")["passed"].asBool()) << "there is none yet";

    WriteVerdict(R"({"passed": true, "reason": "as good", "comparison": {}, "candidate": {"weights_sha256": "bb"},
                    "baseline": {"name": "first", "weights_sha256": "aa"}})");
    Judge("cv-1");
    WriteVerdict(verdict);
    EXPECT_THAT(GetRefusal("cv-1"), HasSubstr("The gate of cv-1 against first: not judged: too few"));
    EXPECT_EQ(2u, store_->ListAudit({"cv-1", 0, 10}).size());
    EXPECT_EQ("first", choice_.Promote({"cv-1", false, ""}));
  }

  TEST_F(GateJudgementTest, JudgesModelsOfRunsThatAreNotInForce)
  {
    WriteCard("uploads/brought", "cc");
    EXPECT_THAT(GetRefusal("brought"), HasSubstr("No run of this server made the model brought"));
    EXPECT_THAT(GetRefusal("first"), HasSubstr("The model first is in force"));
    EXPECT_THAT(GetRefusal("nobody"), HasSubstr("no model 'nobody'"));
    EXPECT_FALSE(std::filesystem::exists(GetTold())) << "the engine was not asked";
  }
}
