// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/ScratchFolder.h"

#include "UnitTests/Plugin/Engine/EngineTestBase.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <optional>

namespace H3K27M::Testing
{
  class ScratchFolderTests : public ::testing::Test
  {
  protected:
    std::size_t Count() const
    {
      const std::filesystem::directory_iterator entries(folder_.GetPath());
      return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
    }

    TemporaryFolder folder_;
  };

  TEST_F(ScratchFolderTests, IsTheUsersAloneAndGoesWithAllItHolds)
  {
    std::optional<ScratchFolder> scratch(std::in_place, folder_.GetPath());
    struct stat status = {};
    ASSERT_EQ(0, stat(scratch->GetPath().c_str(), &status));
    EXPECT_EQ(0700u, status.st_mode & 07777u);
    std::filesystem::create_directory(scratch->GetPath() / "inner");
    std::ofstream(scratch->GetPath() / "inner" / "plot") << "half";
    scratch.reset();
    EXPECT_EQ(0u, Count());
  }

  TEST_F(ScratchFolderTests, LeavesThoseInUseAlone)
  {
    const ScratchFolder first(folder_.GetPath());
    const ScratchFolder second(folder_.GetPath());
    EXPECT_NE(first.GetPath(), second.GetPath());
    EXPECT_TRUE(std::filesystem::exists(first.GetPath()));
    EXPECT_EQ(2u, Count());
  }

  TEST_F(ScratchFolderTests, RemovesWhatAKilledProcessLeftButFollowsNoLink)
  {
    const TemporaryFolder elsewhere;
    std::ofstream(elsewhere.GetPath() / "precious") << "x";
    std::filesystem::create_directory_symlink(elsewhere.GetPath(), folder_.GetPath() / "orthanc-h3k27m-link");
    const pid_t killed = fork();

    if (killed == 0)
    {
      const ScratchFolder scratch(folder_.GetPath());
      raise(SIGKILL);
    }

    ASSERT_EQ(killed, waitpid(killed, nullptr, 0));
    ASSERT_EQ(2u, Count());
    const ScratchFolder next(folder_.GetPath());
    EXPECT_EQ(2u, Count()) << "the link and the new one";
    EXPECT_TRUE(std::filesystem::exists(elsewhere.GetPath() / "precious"));
  }

  TEST_F(ScratchFolderTests, SaysWhereNoneCanBeMade)
  {
    const Error error = GetError([&] { ScratchFolder(folder_.GetPath() / "missing"); });
    EXPECT_EQ(ErrorCode::Unavailable, error.GetCode());
    EXPECT_THAT(error.what(), ::testing::HasSubstr("missing: No such file"));
  }
}
