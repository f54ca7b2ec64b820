// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Shadow/ShadowFigures.h"
#include "Plugin/Shadow/ShadowRunner.h"
#include "UnitTests/Plugin/Pipeline/WorkerPoolFixture.h"

#include <filesystem>
#include <fstream>

namespace H3K27M::Shadow
{
  namespace
  {
    class ShadowRunnerTest : public Testing::WorkerPoolFixture
    {
    protected:
      ShadowRunnerTest() :
        models_(folder_.GetPath() / "installed" / "current", folder_.GetPath() / "runs", folder_.GetPath() / "uploads"),
        choice_(models_, *store_, [](const std::filesystem::path&) {}),
        shadow_(models_, choice_, *store_, clock_)
      {
        WriteModel("current", "aa");
        WriteModel("candidate", std::string(64, 'b'));
      }

      void WriteModel(const std::string& name, const std::string& hash)
      {
        const std::filesystem::path folder = folder_.GetPath() / "installed" / name;
        std::filesystem::create_directories(folder);
        std::ofstream(folder / "card.json") << R"({"variant": "fusion", "weights_sha256": ")" << hash << "\"}";
        std::ofstream(folder / "model.safetensors") << "weights";
      }

      RunnerOptions MakeRunnerOptions()
      {
        RunnerOptions options;
        options.triage = MakeTriageOptions();
        options.pause = std::chrono::milliseconds(10);
        options.startLimit = std::chrono::seconds(1);
        options.makeEngine = [this](const std::filesystem::path& model)
        {
          loaded_.push_back(model.filename().string());
          loads_++;
          auto engine = std::make_unique<Testing::FakeInferenceEngine>();
          engine->modelHash = std::string(64, 'b');
          engine->findsTumour = candidateFindsTumour_;
          engine->FailWith(candidateFailure_);
          engine->ready = candidateState_ == Engine::EngineState::Ready;
          engine->givenUp = candidateState_ == Engine::EngineState::GivenUp;
          return engine;
        };
        return options;
      }

      // As triage does it.
      void FinishStudy()
      {
        Enqueue();
        const WorkState::Task task = store_->Claim("test", std::chrono::minutes(1)).value();
        Pipeline::Cancellation cancellation;
        const Pipeline::TriageOutcome outcome = triage_.Run(task, cancellation);
        ASSERT_EQ(Pipeline::TriageOutcome::Kind::Done, outcome.kind);
        ASSERT_TRUE(store_->Finish(task.GetTicket(), outcome.result));
      }

      bool Step()
      {
        return runner_.Step(std::stop_token());
      }

      Json::Value GetFigures()
      {
        return SummariseShadow(*store_, {"candidate", std::string(64, 'b')});
      }

      std::vector<std::string> loaded_;
      std::atomic<unsigned> loads_ = 0;  // as many, for another thread to see
      bool candidateFindsTumour_ = false;
      std::optional<Error> candidateFailure_;
      Engine::EngineState candidateState_ = Engine::EngineState::Ready;
      Models::ModelCatalog models_;
      Models::ModelChoice choice_;
      Models::ShadowChoice shadow_;
      ShadowRunner runner_{archive_, decoder_, *store_, shadow_, MakeRunnerOptions()};
    };

    TEST_F(ShadowRunnerTest, KeepsTheCandidatesFiguresAndStoresNothing)
    {
      shadow_.Set("candidate");
      FinishStudy();
      const std::size_t before = archive_.GetStudy(STUDY)->series.size();
      const std::string result = store_->FindByStudy(STUDY)->resultJson;
      EXPECT_TRUE(Step());
      EXPECT_FALSE(Step()) << "once";
      EXPECT_EQ(std::vector<std::string>{"candidate"}, loaded_);
      EXPECT_EQ(before, archive_.GetStudy(STUDY)->series.size());
      EXPECT_EQ(result, store_->FindByStudy(STUDY)->resultJson);

      const Json::Value figures = GetFigures();
      EXPECT_EQ(1, figures["studies"].asInt());
      EXPECT_EQ(1, figures["tumours"]["current_alone"].asInt());
      EXPECT_EQ(1, figures["calls"]["one_undetermined"].asInt());
      EXPECT_TRUE(figures["mean_difference"].isNull());
    }

    TEST_F(ShadowRunnerTest, CountsWhoIsRightByTheLabel)
    {
      candidateFindsTumour_ = true;
      shadow_.Set("candidate");
      FinishStudy();
      EXPECT_TRUE(Step());
      WorkState::StudyLabel label;
      label.studyId = STUDY;
      label.genotype = Protocol::ParseJson(store_->FindByStudy(STUDY)->resultJson)["prediction"]["status"].asString();
      store_->GetLabels().Put(label);
      const Json::Value figures = GetFigures();
      EXPECT_EQ(1, figures["tumours"]["both"].asInt());
      EXPECT_EQ(0, figures["mean_absolute_difference"].asDouble());
      const Json::Value& counts = figures["against_labels"][label.genotype == "altered" ? "altered" : "wild_type"];
      EXPECT_EQ(1, counts["cases"].asInt());
      EXPECT_EQ(1, counts["candidate_right"].asInt());
      EXPECT_EQ(1, counts["current_right"].asInt());
    }

    TEST_F(ShadowRunnerTest, LeavesAloneWhatWasFinishedBefore)
    {
      FinishStudy();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      shadow_.Set("candidate");
      EXPECT_FALSE(Step());
      EXPECT_TRUE(loaded_.empty()) << "no engine for nothing";
    }

    TEST_F(ShadowRunnerTest, WaitsWhileTriageHasSomethingToDo)
    {
      shadow_.Set("candidate");
      FinishStudy();
      store_->Enqueue({"S-other", "2.25.9", "f"});
      EXPECT_FALSE(Step());
      const WorkState::Task other = store_->Claim("test", std::chrono::minutes(1)).value();
      EXPECT_FALSE(Step()) << "running";
      store_->Refuse(other.GetTicket(), "no T2", {});
      EXPECT_TRUE(Step());
    }

    TEST_F(ShadowRunnerTest, RecordsWhatTheCandidateCannotRead)
    {
      candidateFailure_ = Error(ErrorCode::Internal, "the weights are broken", false);
      shadow_.Set("candidate");
      FinishStudy();
      EXPECT_TRUE(Step());
      EXPECT_EQ(1, GetFigures()["faults"].asInt());
      const Json::Value row = ListShadow(*store_, {"candidate", std::string(64, 'b')}, 1)[0];
      EXPECT_EQ("the weights are broken", row["fault"].asString());
      EXPECT_TRUE(row["candidate"]["status"].isNull());
      EXPECT_FALSE(Step()) << "no study is tried for ever";
    }

    // Triage takes it up again; until then it must not keep the candidate from the studies behind it.
    TEST_F(ShadowRunnerTest, PassesOverAStudyThatHasChangedSince)
    {
      shadow_.Set("candidate");
      FinishStudy();
      archive_.DeleteInstance(Pipeline::GetSourceSeries(*archive_.GetStudy(STUDY)).front().instances.front());
      EXPECT_TRUE(Step());
      EXPECT_EQ(1, GetFigures()["faults"].asInt());
      EXPECT_FALSE(Step());
    }

    TEST_F(ShadowRunnerTest, RecordsNothingWhereAnotherAttemptMayHelp)
    {
      candidateFailure_ = Error(ErrorCode::Unavailable, "the engine died", true);
      shadow_.Set("candidate");
      FinishStudy();
      EXPECT_THROW(Step(), Error);
      EXPECT_EQ(0, GetFigures()["studies"].asInt());
      EXPECT_THROW(Step(), Error);
      EXPECT_EQ(std::vector<std::string>{"candidate"}, loaded_) << "the supervisor starts it again, not the runner";
    }

    // It stands before all that were finished later.
    TEST_F(ShadowRunnerTest, AStudyThatFailsAgainAndAgainIsAFaultAndLetsTheNextOnePass)
    {
      candidateFailure_ = Error(ErrorCode::Unavailable, "the engine died", true);
      shadow_.Set("candidate");
      FinishStudy();
      EXPECT_THROW(Step(), Error);
      EXPECT_THROW(Step(), Error);
      EXPECT_TRUE(Step());
      EXPECT_EQ("the engine died", ListShadow(*store_, {"candidate", std::string(64, 'b')}, 1)[0]["fault"].asString());
      EXPECT_FALSE(Step());
    }

    TEST_F(ShadowRunnerTest, AnArchiveThatIsAwayIsNoFailureOfTheStudy)
    {
      shadow_.Set("candidate");
      FinishStudy();
      archive_.SetHook([](const std::string& call, const std::string&)
      {
        if (call == "ReadInstance")
        {
          throw Error(ErrorCode::Unavailable, "the storage is away", true);
        }
      });

      for (int i = 0; i < 5; i++)
      {
        EXPECT_THROW(Step(), Error);
      }

      archive_.SetHook({});
      EXPECT_TRUE(Step());
      EXPECT_EQ(0, GetFigures()["faults"].asInt());
    }

    TEST_F(ShadowRunnerTest, AnEngineThatHadNoTurnForItIsNoFailureOfTheStudy)
    {
      candidateFailure_ = Error(ErrorCode::Busy, "no room", true);
      shadow_.Set("candidate");
      FinishStudy();

      for (int i = 0; i < 5; i++)
      {
        EXPECT_THROW(Step(), Error);
      }

      EXPECT_EQ(0, GetFigures()["studies"].asInt());
    }

    // Its row among the finished ones may outlive it for a while, and stands before the later ones.
    TEST_F(ShadowRunnerTest, AStudyThatIsGoneLetsTheNextOnePass)
    {
      shadow_.Set("candidate");
      FinishStudy();
      archive_.DeleteStudy(STUDY);
      EXPECT_TRUE(Step());
      EXPECT_FALSE(Step());
      EXPECT_EQ(1, GetFigures()["faults"].asInt());
    }

    TEST_F(ShadowRunnerTest, ACandidateThatNeverComesUpIsLeftAloneForAWhile)
    {
      candidateState_ = Engine::EngineState::GivenUp;
      shadow_.Set("candidate");
      FinishStudy();
      EXPECT_THROW(Step(), Error);
      EXPECT_FALSE(Step()) << "said once, not at each look";
      EXPECT_EQ(1u, loaded_.size());
    }

    TEST_F(ShadowRunnerTest, StopsAlthoughTheCandidateIsStillStarting)
    {
      candidateState_ = Engine::EngineState::Starting;
      shadow_.Set("candidate");
      FinishStudy();
      RunnerOptions options = MakeRunnerOptions();
      options.startLimit = std::chrono::seconds(60);
      ShadowRunner runner(archive_, decoder_, *store_, shadow_, options);
      runner.Start();
      ASSERT_TRUE(Eventually([this] { return loads_ > 0; }));
      const auto begin = std::chrono::steady_clock::now();
      runner.Stop();
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
    }

    TEST_F(ShadowRunnerTest, EndsWithItsThread)
    {
      shadow_.Set("candidate");
      FinishStudy();
      runner_.Start();
      EXPECT_TRUE(Eventually([this] { return GetFigures()["studies"].asInt() == 1; }));
      runner_.Stop();
    }

    TEST_F(ShadowRunnerTest, TheCandidateIsNeitherAnEncoderNorTheModelInForce)
    {
      EXPECT_THROW(shadow_.Set("current"), Error);
      EXPECT_THROW(shadow_.Set("nobody"), Error);
      EXPECT_THROW(shadow_.Clear("candidate"), Error);
      shadow_.Set("candidate");
      const Support::UnixMs since = shadow_.Get()->since;
      shadow_.Set("candidate");
      EXPECT_EQ(since, shadow_.Get()->since) << "asked for twice, it goes on";
      choice_.Promote({"candidate", true, "a test"});
      EXPECT_FALSE(shadow_.Get()) << "in force, it is compared with nobody";
    }
  }
}
