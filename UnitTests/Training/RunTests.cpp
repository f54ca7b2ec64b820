// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Runs/RunConfig.h"
#include "Training/Runs/RunFolder.h"
#include "Training/Runs/StepSummary.h"
#include "Training/Trainers/StagedTraining.h"
#include "UnitTests/Support/TemporaryFolder.h"
#include "UnitTests/Training/DiscSource.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

namespace H3K27M
{
  namespace
  {
    using testing::AllOf;
    using testing::HasSubstr;

    Runs::RunConfig ParseConfig(const std::string& text)
    {
      return Runs::RunConfig::Parse(Protocol::ParseJson(text));
    }

    std::string GetRefusal(const std::string& text)
    {
      try
      {
        ParseConfig(text);
      }
      catch (const Error& e)
      {
        return e.what();
      }
      return "accepted";
    }

    TEST(RunConfig, StartsFromItsPreset)
    {
      const Runs::RunConfig paper = ParseConfig(R"({"preset": "paper", "training": {"steps": 7}})");
      EXPECT_EQ(paper.training.momentum, 0.9);
      EXPECT_EQ(paper.training.peakRate, 0.01);
      EXPECT_EQ(paper.training.batch.tumourFreeShare, 0);
      EXPECT_EQ(paper.GetFramingName(), "centre-square");
      EXPECT_EQ(paper.training.steps, 7U);
      EXPECT_EQ(ParseConfig("{}").GetFramingName(), "head");
      EXPECT_EQ(ParseConfig("{}").training.momentum, 0);
    }

    TEST(RunConfig, ComesBackFromItsJsonUnchanged)
    {
      const Json::Value json =
        ParseConfig(R"({"preset": "paper", "contrast": "ceT1w", "seed": 9, "stages": "64:5,128:6",
                        "network": {"variant": "parallel", "input_size": 128, "width": 32},
                        "training": {"losses": {"iou": 0.5}, "augmentation": {"flip_rows": false}}})")
          .ToJson();
      EXPECT_EQ(Runs::RunConfig::Parse(json).ToJson(), json);
      EXPECT_EQ(json["training"]["losses"]["iou"].asDouble(), 0.5);
      EXPECT_EQ(json["network"]["variant"].asString(), "parallel");
    }

    TEST(RunConfig, NamesAllFaultsAtOnce)
    {
      EXPECT_THAT(GetRefusal(R"({"sed": 1, "folds": 1, "contrast": "T1", "stages": "64:5",
                                 "network": {"width": 12, "depth": 3},
                                 "training": {"peak_rate": "high", "augmentation": {"blurr": 1}}})"),
                  AllOf(HasSubstr("sed is not known"), HasSubstr("folds must be a whole number from 2 to 100"),
                        HasSubstr("contrast must be one of \"T2w\" \"ceT1w\""), HasSubstr("network.depth is not known"),
                        HasSubstr("training.peak_rate must be a number"),
                        HasSubstr("training.augmentation.blurr is not known"), HasSubstr("Stages"),
                        HasSubstr("width")));
    }

    TEST(RunConfig, RefusesAControlWhereNoLabelsAreShuffled)
    {
      EXPECT_NO_THROW(ParseConfig("{}").RefuseControl("train"));
      for (const char* text : {R"({"control": "permuted"})", R"({"control": "planted"})"})
      {
        EXPECT_THROW(ParseConfig(text).RefuseControl("train"), Error) << text;
        EXPECT_EQ(Runs::RunConfig::Parse(ParseConfig(text).ToJson()).control, ParseConfig(text).control) << text;
      }
      EXPECT_THAT(GetRefusal(R"({"control": "planned"})"),
                  HasSubstr(R"(control must be one of "none" "permuted" "planted")"));
    }

    TEST(RunConfig, IsToldOnceHowLongToTrain)
    {
      EXPECT_THAT(GetRefusal(R"({"stages": "128:5,256:6", "training": {"steps": 7}})"),
                  HasSubstr("training.steps is 7, and the stages take 11"));
      EXPECT_EQ(ParseConfig(R"({"stages": "128:5,256:6"})").training.steps, 11U);
      EXPECT_THAT(GetRefusal(R"({"stages": "128:5,256:6", "training": {"epochs": 3}})"),
                  HasSubstr("training.epochs and stages exclude each other"));
      EXPECT_THAT(GetRefusal(R"({"training": {"epochs": 3, "steps": 7}, "pretraining": {"steps": 0}})"),
                  AllOf(HasSubstr("training.steps and training.epochs exclude each other"),
                        HasSubstr("pretraining.steps must be a whole number from 1")));
      EXPECT_EQ(ParseConfig(R"({"preset": "paper", "training": {"steps": 7}})").trainingEpochs, 0U);
      EXPECT_EQ(ParseConfig(R"({"preset": "paper", "stages": "256:6"})").trainingEpochs, 0U);
      for (const char* text : {R"({"preset": "paper"})", R"({"training": {"epochs": 3}})"})
      {
        const Json::Value json = ParseConfig(text).ToJson();
        EXPECT_EQ(Runs::RunConfig::Parse(json).ToJson(), json);
      }
    }

    TEST(RunConfig, RefusesAnEncoderThatStaysFrozenForLongerThanTheFirstStage)
    {
      EXPECT_THAT(GetRefusal(R"({"stages": "128:5,256:6", "training": {"freeze_encoder_steps": 6}})"),
                  HasSubstr("freeze_encoder_steps is 6, and the first stage takes 5 steps"));
      EXPECT_EQ(GetRefusal(R"({"stages": "128:5,256:6", "training": {"freeze_encoder_steps": 5}})"), "accepted");
      EXPECT_THAT(GetRefusal(R"({"training": {"steps": 7, "freeze_encoder_steps": 8}})"),
                  HasSubstr("and the training takes 7 steps"));

      // 8 slices with tumour, of which a batch takes 6: three epochs are 4 steps.
      const Data::SliceDataset dataset(Testing::DiscSource(4), {64, 1}, [](std::size_t) {});
      Runs::RunConfig config = ParseConfig(R"({"training": {"epochs": 3, "freeze_encoder_steps": 4}})");
      EXPECT_EQ(config.WithTrainingSteps(dataset).training.steps, 4U);
      config.training.freezeEncoderSteps = 5;
      EXPECT_THROW(config.WithTrainingSteps(dataset), Error);
    }

    TEST(RunConfig, RefusesAFrozenEncoderWhereThereIsNoneToStartFrom)
    {
      EXPECT_NO_THROW(ParseConfig("{}").RefuseFrozenEncoder());
      EXPECT_THROW(ParseConfig(R"({"training": {"freeze_encoder_steps": 1}})").RefuseFrozenEncoder(), Error);
    }

    TEST(RunConfig, RefusesBatchesWithoutTumour)
    {
      EXPECT_THAT(GetRefusal(R"({"training": {"batch": 2, "tumour_free_share": 0.75}})"),
                  HasSubstr("tumour_free_share leaves no slice with tumour in a batch of 2"));
      EXPECT_EQ(GetRefusal(R"({"training": {"batch": 2, "tumour_free_share": 0.7}})"), "accepted") << "one of each";
      EXPECT_EQ(GetRefusal(R"({"training": {"batch": 1}})"), "accepted") << "the preset's share rounds to none";
    }

    // 4 discs of 6 slices, 2 of them with tumour.
    TEST(RunConfig, MakesStepsOfThePapersEpochs)
    {
      const Runs::RunConfig paper = ParseConfig(R"({"preset": "paper"})");
      EXPECT_EQ(paper.ToJson()["training"]["epochs"].asUInt(), 200U);
      EXPECT_EQ(paper.ToJson()["pretraining"]["epochs"].asUInt(), 1000U);
      EXPECT_FALSE(paper.ToJson()["training"]["balanced"].asBool());
      const Data::SliceDataset dataset(Testing::DiscSource(4), {64, 1}, [](std::size_t) {});
      const Runs::RunConfig settled = paper.WithTrainingSteps(dataset);
      EXPECT_EQ(settled.training.steps, 200U * 8 / 8);
      EXPECT_EQ(settled.trainingEpochs, 0U);
      EXPECT_EQ(settled.GetStages().back().steps, settled.training.steps);
      EXPECT_EQ(settled.pretrainingEpochs, 1000U) << "of the encoder's data, which are others";
      EXPECT_EQ(settled.pretraining.steps, 0U);
      EXPECT_EQ(ParseConfig("{}").WithTrainingSteps(dataset).training.steps, 2000U);
      const Runs::RunConfig encoder = paper.WithPretrainingSteps(dataset);
      EXPECT_EQ(encoder.pretraining.steps, 1000U * 24 / 16);
      EXPECT_EQ(encoder.pretrainingEpochs, 0U);
      EXPECT_EQ(encoder.trainingEpochs, 200U);
      EXPECT_EQ(encoder.training.steps, 0U);
    }

    TEST(RunFolder, RefusesToOverwriteAnotherRun)
    {
      const Testing::TemporaryFolder folder;
      Json::Value config;
      config["seed"] = 1;
      const Runs::RunFolder first(folder.GetPath() / "run", config, Json::Value(), false);
      EXPECT_THROW(Runs::RunFolder(folder.GetPath() / "run", config, Json::Value(), false), Error);
      EXPECT_EQ(Runs::RunFolder(folder.GetPath() / "run", config, Json::Value(), true).GetIdentity(),
                first.GetIdentity());
      config["seed"] = 2;
      EXPECT_THROW(Runs::RunFolder(folder.GetPath() / "run", config, Json::Value(), true), Error);
    }

    TEST(RunFolder, AppendsOneLinePerEvent)
    {
      const Testing::TemporaryFolder folder;
      const Runs::RunFolder run(folder.GetPath(), Json::Value(Json::objectValue), Json::Value(), false);
      Json::Value event;
      event["event"] = "step";
      run.AppendEvent(event);
      run.AppendEvent(event);
      std::ifstream file(folder.GetPath() / "events.jsonl");
      std::string line;
      int lines = 0;
      while (std::getline(file, line))
      {
        EXPECT_EQ(Protocol::ParseJson(line)["event"].asString(), "step");
        EXPECT_EQ(Protocol::ParseJson(line)["time"].asString().size(), 20U);
        lines++;
      }
      EXPECT_EQ(lines, 2);
    }

    TEST(RunFolder, WhatAFullDiskLeftOfALineSpoilsNoneThatComesAfterIt)
    {
      const Testing::TemporaryFolder folder;
      const Runs::RunFolder run(folder.GetPath(), Json::Value(Json::objectValue), Json::Value(), false);
      Json::Value event;
      event["event"] = "step";
      run.AppendEvent(event);
      std::ofstream(folder.GetPath() / "events.jsonl", std::ios::app) << R"({"event": "st)";
      run.AppendEvent(event);
      std::ifstream file(folder.GetPath() / "events.jsonl");
      std::vector<std::string> lines;
      for (std::string line; std::getline(file, line);)
      {
        lines.push_back(line);
      }
      ASSERT_EQ(lines.size(), 3U);
      EXPECT_EQ(Protocol::ParseJson(lines[2])["event"].asString(), "step");
    }

    TEST(StepSummary, TellsTheStageForTheCurveAndTheWholeTrainingForTheProgress)
    {
      Runs::StepSummary summary;
      std::optional<Json::Value> event;
      for (std::size_t i = 1; i <= 10; i++)
      {
        Trainers::StepReport step;
        step.step = i;
        step.seconds = 2 * static_cast<double>(i);
        event = summary.Add({256, 400, 1000, 1500}, step);
      }
      ASSERT_TRUE(event);
      EXPECT_EQ((*event)["step"].asInt(), 10);
      EXPECT_EQ((*event)["of"].asInt(), 400);
      EXPECT_EQ((*event)["step_in_all"].asInt(), 1010);
      EXPECT_EQ((*event)["of_all"].asInt(), 1500);
      EXPECT_DOUBLE_EQ((*event)["seconds_left"].asDouble(), 2 * 490);
    }

    TEST(RunFolder, RemovesWhatAKilledProcessHadHalfWritten)
    {
      const Testing::TemporaryFolder folder;
      const Json::Value config(Json::objectValue);
      const Runs::RunFolder first(folder.GetPath(), config, Json::Value(), false);
      const auto Leave = [&folder](const std::string& name, std::chrono::hours age)
      {
        const std::filesystem::path path = folder.GetPath() / name;
        std::ofstream(path) << "ha";
        std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - age);
        return path;
      };
      const auto checkpoint = Leave("checkpoint.safetensors.unfinished-aB3xY9", std::chrono::hours(0));
      const auto metrics = Leave("metrics.json.unfinished-aB3xY9", std::chrono::hours(1));
      const auto progress = Leave("progress.json.unfinished-aB3xY9", std::chrono::hours(0));
      const auto notes = Leave("notes.txt.unfinished-aB3xY9", std::chrono::hours(1));

      EXPECT_THROW(Runs::RunFolder(folder.GetPath(), config, Json::Value(), false), Error);
      EXPECT_TRUE(std::filesystem::exists(checkpoint)) << "of a run that is not this one's to touch";
      const Runs::RunFolder second(folder.GetPath(), config, Json::Value(), true);
      EXPECT_FALSE(std::filesystem::exists(checkpoint));
      EXPECT_FALSE(std::filesystem::exists(metrics));
      EXPECT_TRUE(std::filesystem::exists(progress)) << "another unit of the run may be writing it";
      EXPECT_TRUE(std::filesystem::exists(notes)) << "a stranger's";
    }

    // A run of two stages over discs, with its checkpoints.
    class ResumedRun : public testing::Test
    {
    protected:
      ResumedRun()
      {
        layout_.inputSize = 64;
        layout_.width = 16;
        layout_.dropout = 0.1;  // draws from LibTorch's generator, so its state matters
      }

      Weights::TensorMap Run(const Trainers::StageObserver& observer, const Trainers::Checkpoint* resume)
      {
        torch::manual_seed(resume == nullptr ? 5 : 77);
        const Weights::TensorMap weights = Weights::TensorMap::FromModule(*Network::GenotypeNet(layout_));
        return Trainers::TrainInStages(layout_, {weights, resume}, dataset_, options_, {{32, 4}, {64, 5}}, observer);
      }

      void ExpectEqual(const Weights::TensorMap& left, const Weights::TensorMap& right)
      {
        for (const auto& [name, tensor] : left.GetAll())
        {
          EXPECT_TRUE(torch::equal(tensor, right.Get(name))) << name;
        }
      }

      // Stops after `steps` reported steps, then goes on from the last checkpoint.
      void ExpectBitEqualAfterStopAt(std::size_t steps)
      {
        Trainers::StageObserver observer;
        observer.onStep = [](const Trainers::Stage&, const Trainers::StepReport&) {};
        const Weights::TensorMap whole = Run(observer, nullptr);

        const std::filesystem::path file = folder_.GetPath() / "checkpoint.safetensors";
        std::size_t taken = 0;
        Trainers::StageObserver stopping;
        stopping.identity = "of this run";
        stopping.checkpointSteps = 2;
        stopping.onCheckpoint = [&file](const Trainers::Checkpoint& checkpoint) { checkpoint.Save(file); };
        stopping.onStep = [&taken, steps](const Trainers::Stage&, const Trainers::StepReport&)
        {
          if (++taken > steps)
          {
            throw Error(ErrorCode::Cancelled, "stopped by the test");
          }
        };
        EXPECT_THROW(Run(stopping, nullptr), Error);
        const auto checkpoint = Trainers::Checkpoint::Load(file, "of this run");
        ExpectEqual(whole, Run(observer, &checkpoint));
      }

      Testing::TemporaryFolder folder_;
      Network::NetworkOptions layout_;
      Data::SliceDataset dataset_{Testing::DiscSource(4), {64, 1}, [](std::size_t) {}};
      Trainers::CoTrainerOptions options_ = Trainers::CoTrainerOptions::Recommended();
    };

    TEST_F(ResumedRun, EndsBitEqualAfterAStopInTheFirstStage)
    {
      ExpectBitEqualAfterStopAt(3);
    }

    TEST_F(ResumedRun, EndsBitEqualAfterAStopBetweenTheStages)
    {
      ExpectBitEqualAfterStopAt(4);
    }

    TEST_F(ResumedRun, EndsBitEqualAfterAStopInTheLastStage)
    {
      ExpectBitEqualAfterStopAt(8);
    }

    TEST_F(ResumedRun, KnowsInEachStageHowFarTheWholeTrainingIs)
    {
      const std::filesystem::path file = folder_.GetPath() / "checkpoint.safetensors";
      std::vector<std::size_t> told;
      Trainers::StageObserver observer;
      observer.onStep = [&told](const Trainers::Stage& stage, const Trainers::StepReport& step)
      {
        EXPECT_EQ(stage.stepsInAll, 9U);
        told.push_back(stage.stepsBefore + step.step);
      };
      Trainers::StageObserver keeping = observer;
      keeping.identity = "of this run";
      keeping.checkpointSteps = 2;
      keeping.onCheckpoint = [&told, &file](const Trainers::Checkpoint& checkpoint)
      {
        if (told.back() == 6)
        {
          checkpoint.Save(file);
        }
      };
      Run(keeping, nullptr);
      EXPECT_EQ(told, (std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
      const auto inLastStage = Trainers::Checkpoint::Load(file, "of this run");
      told.clear();
      Run(observer, &inLastStage);
      EXPECT_EQ(told, (std::vector<std::size_t>{7, 8, 9}));
    }

    TEST_F(ResumedRun, EndsBitEqualWithMomentum)
    {
      options_ = Trainers::CoTrainerOptions::Paper();
      ExpectBitEqualAfterStopAt(3);
    }

    TEST_F(ResumedRun, RefusesTheCheckpointOfAnotherRun)
    {
      const std::filesystem::path file = folder_.GetPath() / "checkpoint.safetensors";
      Trainers::StageObserver observer;
      observer.onStep = [](const Trainers::Stage&, const Trainers::StepReport&) {};
      observer.identity = "one";
      observer.onCheckpoint = [&file](const Trainers::Checkpoint& checkpoint) { checkpoint.Save(file); };
      Run(observer, nullptr);
      EXPECT_NO_THROW(Trainers::Checkpoint::Load(file, "one"));
      EXPECT_THROW(Trainers::Checkpoint::Load(file, "two"), Error);
    }
  }
}
