// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/AblateCommand.h"
#include "Inference/Commands/CheckConfigCommand.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/CrossValidateCommand.h"
#include "Inference/Commands/EvaluateCommand.h"
#include "Inference/Commands/ImportWeightsCommand.h"
#include "Inference/Commands/PhantomCommand.h"
#include "Inference/Commands/PretrainCommand.h"
#include "Inference/Commands/RunCommand.h"
#include "Inference/Commands/TrainCommand.h"
#include "Inference/Network/GenotypeNet.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelCard.h"
#include "Inference/Weights/TensorMap.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/ProgressFile.h"
#include "Training/Runs/RunFiles.h"

#include <c10/util/Exception.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <json/value.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace H3K27M::Commands
{
  namespace
  {
    class CommandTest : public ::testing::Test
    {
    protected:
      CommandTest() :
        folder_(std::filesystem::temp_directory_path() / ("h3k27m-commands-" + std::to_string(getpid())))
      {
        std::filesystem::create_directories(folder_);
      }

      ~CommandTest() override
      {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
      }

      // The message of the Error(BadInput) that the action throws.
      template <typename Action>
      static std::string GetRefusal(const Action& action)
      {
        try
        {
          action();
        }
        catch (const Error& error)
        {
          EXPECT_EQ(error.GetCode(), ErrorCode::BadInput);
          return error.what();
        }
        return "accepted";
      }

      std::filesystem::path folder_;
    };

    TEST_F(CommandTest, AConfigurationWhoseGroupIsNoObjectIsRefusedByName)
    {
      for (const std::string group : {"training", "network"})
      {
        const std::filesystem::path config = folder_ / "config.json";
        std::ofstream(config) << "{\"" << group << "\": 3}";
        EXPECT_THAT(GetRefusal(
                      [&]
        {
          RunTrain({"--output", folder_ / "model", "--phantoms", "1", "--device", "cpu", "--threads", "1", "--config",
                    config});
        }),
                    ::testing::HasSubstr("'" + group + "' must be an object"));
      }
    }

    TEST_F(CommandTest, AllReadTheNumberOfThreadsAlike)
    {
      for (const std::string threads : {"-1", "1025"})
      {
        const std::string option = "--threads=" + threads;
        const std::string output = folder_ / "out";
        EXPECT_EQ(GetRefusal([&] { RunTrain({"--output", output, "--phantoms", "1", "--device", "cpu", option}); }),
                  "--threads must be 0 to 1024");
        EXPECT_EQ(GetRefusal([&] { RunPhantom({"--output", output, "--count", "1", option}); }),
                  "--threads must be 0 to 1024");
        EXPECT_FALSE(std::filesystem::exists(output));
      }
    }

    TEST_F(CommandTest, AModelThatDoesNotFitTheConfigurationIsRefusedBeforeTheRun)
    {
      using ::testing::AllOf;
      using ::testing::HasSubstr;
      const auto WriteCard = [this](const std::string& name, Network::Variant variant, std::int64_t width)
      {
        Network::NetworkOptions layout;
        layout.variant = variant;
        layout.width = width;
        std::filesystem::create_directories(folder_ / name);
        Weights::ModelCard(name, layout).Save(folder_ / name / "card.json");
      };
      WriteCard("small", Network::Variant::Fusion, 8);
      WriteCard("large", Network::Variant::Fusion, 64);
      WriteCard("classifier", Network::Variant::Classification, 8);
      WriteCard("encoder", Network::Variant::MaskedAutoencoder, 8);
      const std::string config = R"({"network": {"width": 8, "input_size": 32}})";
      const auto Check = [&](const std::string& option, const std::string& name)
      { return GetRefusal([&] { RunCheckConfig({config, option, folder_ / name}); }); };

      EXPECT_EQ(Check("--from", "small"), "accepted") << "another input size is resized";
      EXPECT_EQ(Check("--from", "encoder"), "accepted") << "the rest is drawn";
      EXPECT_EQ(Check("--encoder", "encoder"), "accepted");
      EXPECT_THAT(Check("--from", "large"),
                  AllOf(HasSubstr("from large, which is of the variant fusion and the width 64"),
                        HasSubstr("its own network is of the variant fusion and the width 8")));
      EXPECT_THAT(Check("--from", "classifier"), HasSubstr("variant classification and the width 8"));
      EXPECT_THAT(Check("--encoder", "small"), HasSubstr("small is no encoder (variant mae)"));
      EXPECT_THAT(GetRefusal([&] { RunCheckConfig({"{}", "--encoder", folder_ / "encoder"}); }),
                  HasSubstr("from encoder, which is of the variant mae and the width 8"));
    }

    TEST_F(CommandTest, WhatTheOptionsSayOfTheLengthWinsOverTheFile)
    {
      const std::filesystem::path config = folder_ / "config.json";
      const auto Train = [&](const std::string& text, const std::string& option, const std::string& value)
      {
        std::ofstream(config) << text;
        const std::filesystem::path model = folder_ / option.substr(2);
        EXPECT_EQ(RunTrain({"--output", model, "--phantoms", "4", "--device", "cpu", "--threads", "1", "--input-size",
                            "32", "--width", "8", "--batch", "2", "--config", config, option, value}),
                  ExitCode::OK);
        return Runs::ReadJsonFile(model / "run" / Runs::CONFIG_FILE);
      };
      for (const std::string text : {R"({"stages": "16:3,32:4"})", R"({"training": {"epochs": 5}})"})
      {
        const Json::Value used = Train(text, "--steps", "1");
        EXPECT_EQ(used["training"]["steps"].asInt(), 1) << text;
        EXPECT_EQ(used["training"]["epochs"].asInt(), 0) << text;
        EXPECT_EQ(used["stages"].asString(), "") << text;
        std::filesystem::remove_all(folder_ / "steps");
      }
      for (const std::string text : {R"({"training": {"steps": 7}})", R"({"training": {"epochs": 5}})"})
      {
        const Json::Value used = Train(text, "--stages", "32:2");
        EXPECT_EQ(used["training"]["steps"].asInt(), 2) << text;
        EXPECT_EQ(used["stages"].asString(), "32:2") << text;
        std::filesystem::remove_all(folder_ / "stages");
      }
    }

    // To hash a large data set takes longer than whoever started the run waits for a sign of life.
    TEST_F(CommandTest, ARunThatGoesOnShowsThatItLivesBeforeItsDataAreRead)
    {
      struct Started
      {
        int (*run)(const std::vector<std::string>&);
        std::vector<std::string> arguments;
      };
      const std::filesystem::path folder = folder_ / "run";
      const std::filesystem::path progress = folder / Runs::ProgressFile::NAME;
      const std::string missing = folder_ / "missing";
      const std::string model = folder_ / "model";
      const std::vector<Started> all = {
        {RunTrain, {"--output", model, "--run", folder, "--dataset", missing, "--width", "8", "--input-size", "32"}},
        {RunPretrain, {"--output", model, "--run", folder, "--images", missing}},
        {RunCrossValidate, {"--output", folder, "--dataset", missing}},
        {RunAblate, {"--output", folder, "--dataset", missing}},
        {RunEvaluate, {"--output", folder, "--dataset", missing, "--model", missing}}};
      for (const Started& started : all)
      {
        std::vector<std::string> arguments = started.arguments;
        arguments.insert(arguments.end(), {"--device", "cpu", "--threads", "1"});
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        EXPECT_THROW(started.run(arguments), Error);
        EXPECT_FALSE(std::filesystem::exists(progress)) << "the folder may be another run's";

        std::ofstream(progress) << R"({"fraction": 0.5, "pid": 1, "alive_at": 7})";
        arguments.emplace_back("--resume");
        EXPECT_THROW(started.run(arguments), Error);
        const Json::Value said = Runs::ReadJsonFile(progress);
        EXPECT_GT(said["alive_at"].asDouble(), 7) << started.arguments[1];
        EXPECT_EQ(said["pid"].asInt64(), getpid());
        EXPECT_EQ(said["fraction"].asDouble(), 0.5) << "the process before knows better how far the run is";
      }
    }

    TEST_F(CommandTest, ImportedWeightsReadImagesAsTheyWereTrainedOn)
    {
      const std::filesystem::path weights = folder_ / "weights.safetensors";
      Network::NetworkOptions layout;
      layout.inputSize = 32;
      layout.width = 8;
      Weights::TensorMap::FromModule(*Network::GenotypeNet(layout)).Save(weights, Weights::StoredPrecision::F32);
      const auto GetFraming = [&](const std::string& name, const std::vector<std::string>& options)
      {
        std::vector<std::string> arguments = {"--weights", weights, "--output", folder_ / name, "--name", name};
        arguments.insert(arguments.end(), options.begin(), options.end());
        EXPECT_EQ(RunImportWeights(arguments), ExitCode::OK);
        return Runs::ReadJsonFile(folder_ / name / "card.json")["preprocessing"]["framing"].asString();
      };
      EXPECT_EQ(GetFraming("of-the-paper", {}), "centre-square");
      EXPECT_EQ(GetFraming("of-heads", {"--framing", "head"}), "head");
      EXPECT_THROW(
        RunImportWeights({"--weights", weights, "--output", folder_ / "no", "--name", "no", "--framing", "all"}),
        UsageError);
      EXPECT_FALSE(std::filesystem::exists(folder_ / "no"));
    }

    // Of a command that throws, the exit code; what it said goes to `said`.
    int RunThrowing(int (*run)(const std::vector<std::string>&), std::string& said)
    {
      std::ostringstream errors;
      const int code = RunCommand({"train", "", run}, {}, errors);
      said = errors.str();
      return code;
    }

    TEST(RunCommand, ExhaustedMemoryOfATrainingMayGoThroughLater)
    {
      std::string said;
      EXPECT_EQ(RunThrowing([](const std::vector<std::string>&) -> int
      { throw c10::OutOfMemoryError(c10::SourceLocation{"Train", "Train.cpp", 1}, "CUDA out of memory"); }, said),
                ExitCode::UNAVAILABLE);
      EXPECT_EQ(said, "h3k27m train: The GPU's memory is exhausted: CUDA out of memory\n") << "no backtrace";
      EXPECT_EQ(RunThrowing([](const std::vector<std::string>&) -> int
      { throw c10::Error(c10::SourceLocation{"Train", "Train.cpp", 1}, "DefaultCPUAllocator: can't allocate memory"); },
                            said),
                ExitCode::UNAVAILABLE);
      EXPECT_EQ(said, "h3k27m train: The memory is exhausted: DefaultCPUAllocator: can't allocate memory\n");
    }

    TEST(RunCommand, AFaultOfTheNetworkIsToldInOneLine)
    {
      std::string said;
      EXPECT_EQ(RunThrowing([](const std::vector<std::string>&) -> int
      { throw c10::Error(c10::SourceLocation{"Train", "Train.cpp", 1}, "sizes do not match"); }, said),
                ExitCode::INTERNAL);
      EXPECT_EQ(said, "h3k27m train: LibTorch: sizes do not match\n");
      EXPECT_EQ(RunThrowing([](const std::vector<std::string>&) -> int { throw std::runtime_error("broken"); }, said),
                ExitCode::INTERNAL);
      EXPECT_EQ(RunThrowing([](const std::vector<std::string>&) -> int
      { throw Error(ErrorCode::NotFound, "not there"); }, said),
                ExitCode::NOT_FOUND);
    }

    TEST(RunCommand, TellsAllFaultsInOneLine)
    {
      std::string said;
      EXPECT_EQ(RunThrowing([](const std::vector<std::string>&) -> int
      { throw Error(ErrorCode::BadInput, "The data set cannot be used:\n  sub-1 has no label\n  sub-2 has no image"); },
                            said),
                ExitCode::BAD_INPUT);
      EXPECT_EQ(said, "h3k27m train: The data set cannot be used: sub-1 has no label sub-2 has no image\n");
      EXPECT_EQ(RunThrowing([](const std::vector<std::string>&) -> int
      { throw std::runtime_error("* Line 1, Column 2\n  Syntax error.\n"); }, said),
                ExitCode::INTERNAL);
      EXPECT_EQ(said, "h3k27m train: * Line 1, Column 2 Syntax error.\n");
    }
  }
}
