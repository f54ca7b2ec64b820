// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/InstallationName.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <latch>
#include <string>
#include <thread>
#include <vector>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    class InstallationNameTest : public testing::Test
    {
    protected:
      InstallationNameTest()
      {
        installation_.host = "pacs";
        installation_.folder = folder_.GetPath() / "index";
        installation_.machineIdFile = folder_.GetPath() / "machine-id";
        std::filesystem::create_directories(installation_.folder);
        std::ofstream(installation_.machineIdFile) << "0123456789abcdef\n";
      }

      std::filesystem::path GetKeyFile() const
      {
        return installation_.folder / "h3k27m-installation";
      }

      Testing::TemporaryFolder folder_;
      Installation installation_;
    };
  }

  TEST_F(InstallationNameTest, IsTheSameAfterARestartAndSaysWhereItIs)
  {
    const std::string name = NameInstallation(installation_);
    EXPECT_THAT(name, testing::StartsWith("pacs:" + installation_.folder.string() + ":"));
    EXPECT_EQ(name, NameInstallation(installation_));
    EXPECT_TRUE(std::filesystem::exists(GetKeyFile()));
  }

  // They share a folder, and the key that each has read when it began must be the one that stays.
  TEST_F(InstallationNameTest, SeveralThatStartForTheFirstTimeAtOnceHaveOneKey)
  {
    for (int round = 0; round < 20; round++)
    {
      std::filesystem::remove(GetKeyFile());
      std::vector<std::string> names(4);
      std::latch start(static_cast<std::ptrdiff_t>(names.size()));

      {
        std::vector<std::jthread> threads;

        for (std::string& name : names)
        {
          threads.emplace_back([&]
          {
            start.arrive_and_wait();
            name = NameInstallation(installation_);
          });
        }
      }

      EXPECT_THAT(names, testing::Each(NameInstallation(installation_)));
    }

    const std::filesystem::directory_iterator files(installation_.folder);
    EXPECT_EQ(1, std::distance(begin(files), end(files))) << "the key alone";
  }

  TEST_F(InstallationNameTest, TwoInstallationsWithOneHostNameAndOnePathDiffer)
  {
    const std::string first = NameInstallation(installation_);
    std::filesystem::remove(GetKeyFile());  // as on the other machine, which drew its own
    EXPECT_NE(first, NameInstallation(installation_));
  }

  TEST_F(InstallationNameTest, AClonedDiskWithItsKeyIsToldByTheMachineOrThePorts)
  {
    const std::string first = NameInstallation(installation_);
    Installation neighbour = installation_;
    neighbour.httpPort = 8043;
    EXPECT_NE(first, NameInstallation(neighbour));
    neighbour = installation_;
    neighbour.dicomPort = 4243;
    EXPECT_NE(first, NameInstallation(neighbour));

    std::ofstream(installation_.machineIdFile) << "fedcba9876543210\n";
    EXPECT_NE(first, NameInstallation(installation_));
  }

  TEST_F(InstallationNameTest, WithoutAFolderOrAMachineItIsTheSameAfterARestartAllTheSame)
  {
    std::filesystem::remove_all(folder_.GetPath() / "index");
    std::filesystem::remove(installation_.machineIdFile);
    const std::string name = NameInstallation(installation_);
    EXPECT_EQ(name, NameInstallation(installation_));
    EXPECT_FALSE(std::filesystem::exists(installation_.folder)) << "the core makes it, or nobody";

    // A folder in place of the file: what cannot be written stops nobody.
    std::filesystem::create_directories(GetKeyFile() / "taken");
    EXPECT_EQ(name, NameInstallation(installation_));
  }
}
