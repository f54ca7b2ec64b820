// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A machine at its limit of threads: what was begun is undone, and nothing of it runs on or ends the process.

#include "Plugin/Engine/ChildProcess.h"
#include "Plugin/Engine/EngineClient.h"
#include "UnitTests/Plugin/Engine/EngineTestBase.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <system_error>

namespace
{
  // How many threads may start before one fails; negative: all.
  std::atomic<int> threadsThatStart = -1;
}

// Stands in front of the C library's for the whole program of tests; visible, so that the C++ library calls it too.
extern "C" __attribute__((visibility("default"))) int pthread_create(pthread_t* thread,
                                                                     const pthread_attr_t* attributes,
                                                                     void* (*start)(void*), void* argument) noexcept
{
  using Function = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "pthread_create"));

  if (threadsThatStart >= 0 && threadsThatStart-- == 0)
  {
    return EAGAIN;
  }

  return real(thread, attributes, start, argument);
}

namespace H3K27M::Testing
{
  class ThreadStartTests : public EngineTestBase
  {
  };

  TEST_F(ThreadStartTests, AClientWhoseWriterCannotStartLeavesNoReaderBehind)
  {
    int ends[2] = {};
    ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    const Descriptor theirs(ends[1]);
    threadsThatStart = 1;
    EXPECT_THROW(EngineClient(ends[0], {}), std::system_error);
    threadsThatStart = -1;

    char byte = 0;
    EXPECT_EQ(0, read(theirs.Get(), &byte, 1)) << "the connection is closed";
  }

  TEST_F(ThreadStartTests, AChildWhoseLogCannotBeReadIsEndedAndReaped)
  {
    ProcessLaunch launch = MakeLaunch("sleeps");
    launch.arguments.push_back("0");
    threadsThatStart = 0;
    EXPECT_THROW(ChildProcess(launch, 0), std::system_error);
    threadsThatStart = -1;

    EXPECT_EQ(-1, waitpid(-1, nullptr, WNOHANG)) << "a child is still there";
    EXPECT_EQ(ECHILD, errno);
  }
}
