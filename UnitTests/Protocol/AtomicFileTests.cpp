// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/AtomicFile.h"

#include "Inference/Protocol/Error.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
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

      std::filesystem::directory_iterator List() const
      {
        return std::filesystem::directory_iterator(folder_.GetPath());
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

  TEST_F(AtomicFileTest, KnowsByItsNameWhatAKilledProcessLeft)
  {
    const pid_t child = fork();

    if (child == 0)
    {
      const rlimit none{0, 0};
      const rlimit few{2, 2};
      std::signal(SIGXFSZ, SIG_DFL);
      setrlimit(RLIMIT_CORE, &none);
      setrlimit(RLIMIT_FSIZE, &few);  // at the third byte a signal ends the process, as a SIGTERM would
      Write("three");
      _exit(0);
    }

    int status = 0;
    ASSERT_EQ(child, waitpid(child, &status, 0));
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_EQ(1, std::distance(begin(List()), end(List())));
    const std::string left = List()->path().filename().string();
    EXPECT_TRUE(IsUnfinished(left)) << left;
    RemoveUnfinished(folder_.GetPath(), {"another", "fil"}, std::chrono::seconds(0));
    RemoveUnfinished(folder_.GetPath(), {"file"}, std::chrono::hours(1));
    EXPECT_TRUE(std::filesystem::exists(folder_.GetPath() / left)) << "of another file, or too new";
    RemoveUnfinished(folder_.GetPath(), {"another", "file"}, std::chrono::seconds(0));
    EXPECT_FALSE(std::filesystem::exists(folder_.GetPath() / left));
  }

  TEST_F(AtomicFileTest, TakesNoOtherFileForAnUnfinishedOne)
  {
    for (const char* name : {"model.safetensors", "events.out.tfevents.17.h3k27m", ".unfinished-aB3xY9",
                             "file.unfinished-aB3xY", "file.unfinished-aB3xY9.json"})
    {
      EXPECT_FALSE(IsUnfinished(name)) << name;
    }
  }

  TEST_F(AtomicFileTest, SaysWhichFileCannotBeWritten)
  {
    EXPECT_THROW(WriteFileAtomically(folder_.GetPath() / "absent" / "file", {}), Error);
  }
}
