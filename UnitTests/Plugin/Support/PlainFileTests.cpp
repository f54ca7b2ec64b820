// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/PlainFile.h"

#include "UnitTests/Support/TemporaryFolder.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include <fstream>

namespace H3K27M::Support
{
  namespace
  {
    class PlainFileTest : public testing::Test
    {
    protected:
      PlainFileTest()
      {
        std::filesystem::create_directories(folder_.GetPath() / "run" / "report");
        std::ofstream(folder_.GetPath() / "run" / "report" / "index.html") << "0123456789";
        std::ofstream(folder_.GetPath() / "secret") << "s";
      }

      std::optional<PlainFile> OpenBelow(const std::filesystem::path& path) const
      {
        return PlainFile::OpenBelow(folder_.GetPath() / "run", path);
      }

      void Link(const std::filesystem::path& target, const std::string& name) const
      {
        std::filesystem::create_symlink(target, folder_.GetPath() / "run" / name);
      }

      Testing::TemporaryFolder folder_;
    };
  }

  TEST_F(PlainFileTest, GivesAPartOfItsContent)
  {
    const std::optional<PlainFile> file = OpenBelow("report/index.html");
    ASSERT_TRUE(file);
    EXPECT_EQ(10u, file->GetSize());
    EXPECT_EQ("0123456789", file->Read(0, 100));
    EXPECT_EQ("0123", file->Read(0, 4));
    EXPECT_EQ("89", file->Read(8, 100));
    EXPECT_EQ("", file->Read(10, 100));
    EXPECT_EQ("", file->Read(UINT64_MAX, 100));
  }

  TEST_F(PlainFileTest, GivesNothingOutsideOfTheFolder)
  {
    Link(folder_.GetPath() / "secret", "file");
    Link(folder_.GetPath(), "folder");
    Link("nowhere", "dangling");

    for (const char* const path :
         {"../secret", "file", "folder/secret", "dangling", "/etc/passwd", "report", "", "absent"})
    {
      EXPECT_FALSE(OpenBelow(path)) << path;
    }

    EXPECT_FALSE(PlainFile::OpenBelow(folder_.GetPath() / "absent", "secret"));
  }

  TEST_F(PlainFileTest, FollowsLinksThatStayInTheFolder)
  {
    Link("report/index.html", "latest");
    ASSERT_TRUE(OpenBelow("latest"));
    EXPECT_EQ(10u, OpenBelow("latest")->GetSize());
  }

  TEST_F(PlainFileTest, FollowsLinksAnywhereWhereNoFolderIsNamed)
  {
    Link(folder_.GetPath() / "secret", "file");
    ASSERT_TRUE(PlainFile::Open(folder_.GetPath() / "run" / "file"));
    EXPECT_FALSE(PlainFile::Open(folder_.GetPath() / "run"));
  }

  // Whoever opens one for reading waits until somebody writes.
  TEST_F(PlainFileTest, DoesNotWaitForAPipe)
  {
    ASSERT_EQ(0, mkfifo((folder_.GetPath() / "run" / "pipe").c_str(), 0600));
    EXPECT_FALSE(OpenBelow("pipe"));
    EXPECT_FALSE(PlainFile::Open(folder_.GetPath() / "run" / "pipe"));
  }
}
