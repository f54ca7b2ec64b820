// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/AtomicFile.h"

#include "Inference/Protocol/Error.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <string_view>

namespace
{
  std::atomic<int> syncs{0};
}

// In the place of the C library's, for all of this program: how often somebody waits for the disk.
extern "C" int fsync(int descriptor)
{
  syncs++;
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}

namespace H3K27M::Protocol
{
  namespace
  {
    class AtomicFileTest : public testing::Test
    {
    protected:
      void SetUp() override
      {
        before_ = umask(0022);
      }

      void TearDown() override
      {
        umask(before_);
      }

      void Write(std::string_view text) const
      {
        WriteFileAtomically(path_, std::as_bytes(std::span(text)));
      }

      unsigned GetMode() const
      {
        struct stat status = {};
        EXPECT_EQ(0, stat(path_.c_str(), &status));
        return status.st_mode & 07777u;
      }

      mode_t before_ = 0;
      Testing::TemporaryFolder folder_;
      std::filesystem::path path_ = folder_.GetPath() / "file";
    };
  }

  TEST_F(AtomicFileTest, ReplacesTheContentAndLeavesNothingElse)
  {
    Write("old");
    Write("new");
    std::ifstream stream(path_);
    EXPECT_EQ("new", std::string((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>()));
    const std::filesystem::directory_iterator entries(folder_.GetPath());
    EXPECT_EQ(1, std::distance(begin(entries), end(entries)));
  }

  TEST_F(AtomicFileTest, IsReadByThoseWhomTheUmaskLets)
  {
    Write("a");
    EXPECT_EQ(0644u, GetMode());
    umask(0027);
    Write("b");
    EXPECT_EQ(0640u, GetMode());
    umask(0077);
    Write("c");
    EXPECT_EQ(0600u, GetMode());
  }

  TEST_F(AtomicFileTest, OnlyWhatIsToLastWaitsForTheDisk)
  {
    syncs = 0;
    Write("old");
    EXPECT_EQ(2, syncs.exchange(0)) << "file and folder";
    const std::string_view text = "new";
    WriteFileAtomically(path_, std::as_bytes(std::span(text)), Durability::Passing);
    EXPECT_EQ(0, syncs.load());
    EXPECT_EQ(3u, std::filesystem::file_size(path_));
    const std::filesystem::directory_iterator entries(folder_.GetPath());
    EXPECT_EQ(1, std::distance(begin(entries), end(entries)));
  }

  TEST_F(AtomicFileTest, SaysWhichFileCannotBeWritten)
  {
    EXPECT_THROW(WriteFileAtomically(folder_.GetPath() / "absent" / "file", {}), Error);
  }
}
