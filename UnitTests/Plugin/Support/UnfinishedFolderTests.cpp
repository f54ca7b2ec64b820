// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/UnfinishedFolder.h"

#include "Inference/Protocol/Error.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace H3K27M::Support
{
  namespace
  {
    class UnfinishedFolderTest : public testing::Test
    {
    protected:
      std::size_t Count() const
      {
        const std::filesystem::directory_iterator entries(place_.root);
        return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
      }

      Testing::TemporaryFolder folder_;
      UnfinishedFolder::Place place_{folder_.GetPath() / "sets", "new", "this one"};
    };
  }

  TEST_F(UnfinishedFolderTest, IsHiddenUntilItIsRenamedAndGoesWhenItNeverIs)
  {
    {
      UnfinishedFolder kept(place_);
      const UnfinishedFolder lost(place_);
      EXPECT_TRUE(kept.GetPath().filename().string().starts_with(".new-"));
      std::ofstream(kept.GetPath() / "manifest.json") << "{}";
      std::ofstream(lost.GetPath() / "manifest.json") << "{}";
      kept.RenameTo(place_.root / "whole");
    }

    EXPECT_EQ(1u, Count());
    EXPECT_TRUE(std::filesystem::exists(place_.root / "whole" / "manifest.json"));
  }

  TEST_F(UnfinishedFolderTest, ReplacesNothing)
  {
    UnfinishedFolder second(place_);
    std::filesystem::create_directories(place_.root / "whole" / "inner");

    try
    {
      second.RenameTo(place_.root / "whole");
      FAIL() << "replaced";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Conflict, e.GetCode());
    }
  }

  TEST_F(UnfinishedFolderTest, SweepsItsOwnersLeftOversAlone)
  {
    EXPECT_EQ(0u, UnfinishedFolder::Sweep(place_)) << "there is nothing yet";
    const UnfinishedFolder another({place_.root, "new", "another one"});
    const UnfinishedFolder upload({place_.root, "upload", "this one"});
    const UnfinishedFolder mine(place_);
    std::filesystem::create_directory(mine.GetPath() / "inner");
    EXPECT_EQ(1u, UnfinishedFolder::Sweep(place_));
    EXPECT_FALSE(std::filesystem::exists(mine.GetPath()));
    EXPECT_EQ(2u, Count());
  }

  TEST_F(UnfinishedFolderTest, SaysWhereNoneCanBeMade)
  {
    std::ofstream(folder_.GetPath() / "file") << "x";

    try
    {
      const UnfinishedFolder none({folder_.GetPath() / "file", "new", "this one"});
      FAIL() << "made";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Unavailable, e.GetCode());
      EXPECT_NE(std::string::npos, std::string(e.what()).find("file"));
    }
  }
}
