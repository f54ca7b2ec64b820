// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/PhantomCommand.h"
#include "Inference/Commands/TrainCommand.h"
#include "Inference/Protocol/Error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

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
  }
}
