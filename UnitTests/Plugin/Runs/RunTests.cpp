// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Runs/LifeSign.h"
#include "Plugin/Runs/RunFolders.h"
#include "Plugin/Runs/RunSpec.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <fstream>

namespace H3K27M::Runs
{
  namespace
  {
    using testing::ElementsAre;
    using testing::HasSubstr;
    using testing::IsSupersetOf;
    using testing::Not;
    using testing::Contains;

    RunSpec Parse(const std::string& text)
    {
      return RunSpec::Parse(Protocol::ParseJson(text));
    }

    std::string GetRefusal(const std::string& text)
    {
      try
      {
        Parse(text);
      }
      catch (const Error& e)
      {
        return e.what();
      }

      return "accepted";
    }

    TEST(RunSpec, ComesBackFromItsJsonUnchanged)
    {
      const RunSpec spec = Parse(R"({"kind": "ablate", "config": {"folds": 3}, "dataset": "12", "encoder": "e"})");
      EXPECT_EQ(spec.ToJson(), RunSpec::Parse(spec.ToJson()).ToJson());
      EXPECT_TRUE(spec.NeedsDataset());
      EXPECT_FALSE(Parse(R"({"kind": "pretrain", "phantoms": 3})").NeedsDataset());
      EXPECT_FALSE(Parse(R"({"kind": "snapshot"})").NeedsEngine());
      EXPECT_EQ("labelled", Parse(R"({"kind": "snapshot"})").ToJson()["contents"].asString());
      EXPECT_EQ("unlabelled", Parse(R"({"kind": "pretrain"})").ToJson()["contents"].asString());
      EXPECT_EQ("labelled", Parse(R"({"kind": "pretrain", "contents": "labelled"})").ToJson()["contents"].asString());
    }

    TEST(RunSpec, KnowsWhetherAModelStandsAtItsBeginning)
    {
      EXPECT_TRUE(Parse(R"({"kind": "fine-tune"})").BeginsFromScratch());
      EXPECT_TRUE(Parse(R"({"kind": "cross-validate"})").BeginsFromScratch());
      EXPECT_FALSE(Parse(R"({"kind": "cross-validate", "from": "m"})").BeginsFromScratch());
      EXPECT_FALSE(Parse(R"({"kind": "ablate"})").BeginsFromScratch()) << "three of its models have an encoder";
    }

    TEST(RunSpec, SaysWhatIsWrong)
    {
      EXPECT_THAT(GetRefusal("{}"), HasSubstr("'kind' must be one of"));
      EXPECT_THAT(GetRefusal(R"({"kind": "ablate", "from": "x"})"), HasSubstr("'from'"));
      EXPECT_THAT(GetRefusal(R"({"kind": "fine-tune", "encoder": "x"})"), HasSubstr("'encoder'"));
      EXPECT_THAT(GetRefusal(R"({"kind": "pretrain", "phantoms": 3, "dataset": "1"})"), HasSubstr("'phantoms'"));
      EXPECT_THAT(GetRefusal(R"({"kind": "snapshot", "config": {"seed": 1}})"), HasSubstr("snapshot"));
      EXPECT_THAT(GetRefusal(R"({"kind": "ablate", "config": 7})"), HasSubstr("config"));
      EXPECT_THAT(GetRefusal(R"({"kind": "ablate", "contents": "unlabelled"})"), HasSubstr("needs labels"));
      EXPECT_THAT(GetRefusal(R"({"kind": "snapshot", "contents": "all"})"), HasSubstr("contents"));
      EXPECT_THAT(GetRefusal(R"({"kind": "evaluate"})"), HasSubstr("'from'"));
      EXPECT_THAT(GetRefusal(R"({"kind": "evaluate", "from": "m", "config": {"seed": 1}})"), HasSubstr("'config'"));
    }

    TEST(RunSpec, HasOneContrastWhereverItIsSaid)
    {
      EXPECT_EQ("T2w", Parse(R"({"kind": "ablate"})").ToJson()["contrast"].asString());
      const RunSpec beside = Parse(R"({"kind": "ablate", "contrast": "ceT1w", "config": {"folds": 3}})");
      EXPECT_EQ("ceT1w", beside.config["contrast"].asString()) << "the engine reads its configuration alone";
      const RunSpec inside = Parse(R"({"kind": "cross-validate", "config": {"contrast": "ceT1w"}})");
      EXPECT_EQ(Routing::Contrast::CeT1w, inside.data.contrast);
      EXPECT_EQ(inside.ToJson(), RunSpec::Parse(inside.ToJson()).ToJson());
      const RunSpec snapshot = Parse(R"({"kind": "snapshot", "contrast": "ceT1w"})");
      EXPECT_TRUE(snapshot.config.empty());
      EXPECT_EQ(snapshot.ToJson(), RunSpec::Parse(snapshot.ToJson()).ToJson());
      const RunSpec evaluate = Parse(R"({"kind": "evaluate", "from": "m", "contrast": "ceT1w"})");
      EXPECT_EQ(evaluate.ToJson(), RunSpec::Parse(evaluate.ToJson()).ToJson());
      EXPECT_THAT(MakeArguments(evaluate, {}, "r", {}), IsSupersetOf({"--contrast", "ceT1w"}));
      EXPECT_THAT(GetRefusal(R"({"kind": "ablate", "contrast": "T2w", "config": {"contrast": "ceT1w"}})"),
                  HasSubstr("differ"));
      EXPECT_THAT(GetRefusal(R"({"kind": "ablate", "contrast": "T1"})"), HasSubstr("T2w or ceT1w"));
      EXPECT_THAT(GetRefusal(R"({"kind": "pretrain", "phantoms": 3, "contrast": "ceT1w"})"), HasSubstr("are T2w"));
    }

    TEST(RunSpec, SaysWhichStudiesAreOfOnePerson)
    {
      const RunSpec spec = Parse(R"({"kind": "snapshot", "same_patient": [["a-1", "b.2"], ["c", "d", "e"]]})");
      EXPECT_THAT(spec.data.samePatient, ElementsAre(ElementsAre("a-1", "b.2"), ElementsAre("c", "d", "e")));
      EXPECT_EQ(spec.data.samePatient, RunSpec::Parse(spec.ToJson()).data.samePatient);
      EXPECT_FALSE(Parse(R"({"kind": "snapshot"})").ToJson().isMember("same_patient"));

      for (const char* const groups : {R"("a")", R"(["a", "b"])", R"([["a"]])", R"([["a", 3]])", R"([["a", "../b"]])",
                                       R"([["a", "b"], []])", R"({"a": ["b", "c"]})"})
      {
        EXPECT_THAT(GetRefusal(R"({"kind": "snapshot", "same_patient": )" + std::string(groups) + "}"),
                    HasSubstr("'body.same_patient' must be a list of lists"))
          << groups;
      }

      EXPECT_THAT(GetRefusal(R"({"kind": "ablate", "dataset": "12", "same_patient": [["a", "b"]]})"),
                  HasSubstr("belongs to a data set that is made"));
    }

    TEST(RunSpec, BecomesTheEnginesCommandLine)
    {
      const RunPlaces places{"/runs/r", "/data/d", "/models/m", "", "/models/now", "/runs/r/request.json"};
      EXPECT_THAT(MakeArguments(Parse(R"({"kind": "cross-validate"})"), places, "r", {"cpu", 2}),
                  ElementsAre("cross-validate", "--output", "/runs/r", "--dataset", "/data/d", "--baseline",
                              "/models/now", "--from", "/models/m", "--config", "/runs/r/request.json", "--name", "r",
                              "--device", "cpu", "--threads", "2", "--resume"));
      const auto tune = MakeArguments(Parse(R"({"kind": "fine-tune"})"), places, "r", {});
      EXPECT_THAT(tune, IsSupersetOf({"train", "/runs/r/model", "--run", "/runs/r"}));
      EXPECT_THAT(tune, Not(Contains("--baseline")));
      EXPECT_THAT(MakeArguments(Parse(R"({"kind": "evaluate", "from": "m"})"), places, "r", {"cuda", 2}),
                  ElementsAre("evaluate", "--output", "/runs/r", "--dataset", "/data/d", "--contrast", "T2w", "--model",
                              "/models/m", "--device", "cuda", "--threads", "2", "--resume"));
    }

    TEST(RunSpec, HasWhatItStartsFromJudgedWithItsConfiguration)
    {
      RunPlaces places;
      places.from = "/models/m";
      EXPECT_THAT(MakeCheckArguments(Parse(R"({"kind": "fine-tune", "from": "m"})"), places),
                  ElementsAre("check-config", "{}", "--from", "/models/m"));
      EXPECT_THAT(MakeCheckArguments(Parse(R"({"kind": "evaluate", "from": "m"})"), places),
                  ElementsAre("check-config", "{}"))
        << "it is measured as it is";
      EXPECT_THAT(MakeCheckArguments(Parse(R"({"kind": "cross-validate"})"), {}),
                  ElementsAre("check-config", "{}", "--from-scratch"));
      places = RunPlaces();
      places.encoder = "/models/e";
      EXPECT_THAT(MakeCheckArguments(Parse(R"({"kind": "ablate", "encoder": "e"})"), places),
                  ElementsAre("check-config", "{}", "--encoder", "/models/e"));
    }

    class RunFoldersTest : public testing::Test
    {
    protected:
      void Write(const std::string& path, const std::string& text)
      {
        std::filesystem::create_directories((folder_.GetPath() / path).parent_path());
        std::ofstream(folder_.GetPath() / path, std::ios::binary) << text;
      }

      Testing::TemporaryFolder folder_;
      RunFolders folders_{folder_.GetPath() / "runs"};
    };

    TEST_F(RunFoldersTest, GivesWholeEventsFromAByteOn)
    {
      EXPECT_EQ("", folders_.ReadEvents("r", 0).lines);
      Write("runs/r/events.jsonl", "{\"a\":1}\n{\"b\":2}\n{\"half");
      const RunFolders::EventPage page = folders_.ReadEvents("r", 0);
      EXPECT_EQ("{\"a\":1}\n{\"b\":2}\n", page.lines);
      EXPECT_EQ(16u, page.next);
      EXPECT_EQ("{\"b\":2}\n", folders_.ReadEvents("r", 8).lines);
      EXPECT_EQ("", folders_.ReadEvents("r", page.next).lines);
    }

    TEST_F(RunFoldersTest, GivesFilesOfTheRunAlone)
    {
      Write("runs/r/report/index.html", "page");
      Write("runs/other/secret", "s");
      Write("secret", "s");
      EXPECT_EQ("page", folders_.ReadArtifact("r", "report/index.html"));
      EXPECT_EQ("report/index.html", folders_.ListArtifacts("r")[0]["path"].asString());
      std::filesystem::create_symlink(folder_.GetPath() / "secret", folder_.GetPath() / "runs" / "r" / "link");
      EXPECT_EQ(1u, folders_.ListArtifacts("r").size()) << "a link out is not even named";

      for (const char* path : {"../other/secret", "../../secret", "/etc/passwd", "link", "report", "absent", ""})
      {
        EXPECT_THROW(folders_.ReadArtifact("r", path), Error) << path;
      }

      EXPECT_THROW(folders_.ReadArtifact("..", "secret"), Error);
      EXPECT_THROW(folders_.GetPath("../runs"), Error);
    }

    TEST_F(RunFoldersTest, ListsNothingThatIsHalfWritten)
    {
      Write("runs/r/checkpoint.safetensors", "whole");
      Write("runs/r/checkpoint.safetensors.unfinished-aB3xY9", "ha");
      Write("runs/r/fold-1/model.safetensors.unfinished-aB3xY9", "ha");
      const Json::Value list = folders_.ListArtifacts("r");
      ASSERT_EQ(1u, list.size());
      EXPECT_EQ("checkpoint.safetensors", list[0]["path"].asString());
    }

    // A training is a process of its own: what it leaves must neither show other files nor hide the other runs.
    TEST_F(RunFoldersTest, HasNoProgressWhereItCannotBeRead)
    {
      Write("runs/r/progress.json", R"({"fraction": 0.5})");
      EXPECT_DOUBLE_EQ(0.5, folders_.ReadProgress("r")["fraction"].asDouble());
      Write("runs/broken/progress.json", R"({"fraction": )");
      EXPECT_TRUE(folders_.ReadProgress("broken").isNull());
      Write("runs/other/progress.json", "[7]");
      EXPECT_TRUE(folders_.ReadProgress("other").isNull());
      Write("runs/large/progress.json", "{" + std::string(2 << 20, ' ') + "}");
      EXPECT_TRUE(folders_.ReadProgress("large").isNull());
      Write("secret", R"({"password": "p"})");
      Write("runs/linked/report.html", "page");
      std::filesystem::create_symlink(folder_.GetPath() / "secret",
                                      folder_.GetPath() / "runs" / "linked" / "progress.json");
      EXPECT_TRUE(folders_.ReadProgress("linked").isNull());
      EXPECT_TRUE(folders_.ReadProgress("absent").isNull());
    }

    TEST_F(RunFoldersTest, SummarisesWhatAListShows)
    {
      EXPECT_EQ(Json::Value(Json::objectValue), folders_.ReadSummary("r"));
      Write("runs/r/metrics.json", R"({"external": {"auroc": {"value": 1}, "cases": 4}, "out_of_fold": null})");
      EXPECT_EQ(Protocol::ParseJson(R"({"external": {"auroc": {"value": 1}}})"), folders_.ReadSummary("r"));
    }

    TEST_F(RunFoldersTest, FollowsNoLinkOutOfTheRunForEventsAndMetrics)
    {
      Write("secret", "{\"password\": \"p\"}\n");
      Write("runs/r/report.html", "page");

      for (const char* const name : {"events.jsonl", "metrics.json"})
      {
        std::filesystem::create_symlink(folder_.GetPath() / "secret", folder_.GetPath() / "runs" / "r" / name);
      }

      EXPECT_EQ("", folders_.ReadEvents("r", 0).lines);
      EXPECT_TRUE(folders_.ReadMetrics("r").isNull());
    }

    class LifeSignTest : public RunFoldersTest
    {
    protected:
      void Say(int second)
      {
        Write("runs/r/progress.json", R"({"fraction": 0.5, "alive_at": )" + std::to_string(second) + "}");
      }

      static constexpr std::chrono::seconds LIMIT{10};
      const LifeSign::TimePoint start_ = std::chrono::steady_clock::now();
    };

    TEST_F(LifeSignTest, IsOverdueOnceNothingNewWasSaidForTheLimit)
    {
      LifeSign life(folders_, "r", LIMIT, start_);
      EXPECT_FALSE(life.IsOverdue(start_ + std::chrono::seconds(4))) << "the process begins";
      EXPECT_FALSE(life.IsOverdue(start_ + std::chrono::seconds(8)));
      Say(7);
      EXPECT_FALSE(life.IsOverdue(start_ + std::chrono::seconds(12)));
      Say(3);  // the clock was set back
      EXPECT_FALSE(life.IsOverdue(start_ + std::chrono::seconds(16)));
      EXPECT_FALSE(life.IsOverdue(start_ + std::chrono::seconds(20)));
      EXPECT_FALSE(life.IsOverdue(start_ + std::chrono::seconds(24)));
      EXPECT_TRUE(life.IsOverdue(start_ + std::chrono::seconds(28)));
    }

    TEST_F(LifeSignTest, WhatAnEarlierAttemptSaidIsNone)
    {
      Say(7);
      LifeSign life(folders_, "r", LIMIT, start_);
      EXPECT_FALSE(life.IsOverdue(start_ + std::chrono::seconds(4)));
      Write("runs/r/progress.json", "{");
      EXPECT_FALSE(life.IsOverdue(start_ + std::chrono::seconds(8)));
      EXPECT_TRUE(life.IsOverdue(start_ + std::chrono::seconds(12)));
    }

    // A container that is paused stops Orthanc and its engines together: the engine has no chance to say anything.
    TEST_F(LifeSignTest, ATimeInWhichNobodyLookedIsNoSilence)
    {
      LifeSign life(folders_, "r", LIMIT, start_);
      EXPECT_FALSE(life.IsOverdue(start_ + std::chrono::hours(8)));
      Say(7);
      EXPECT_FALSE(life.IsOverdue(start_ + std::chrono::hours(8) + std::chrono::seconds(1)));
    }

    TEST(RunArtifacts, HaveATypeByTheirEnding)
    {
      EXPECT_EQ("image/svg+xml", GetContentType("figures/roc.svg"));
      EXPECT_EQ("application/octet-stream", GetContentType("model.safetensors"));
    }
  }
}
