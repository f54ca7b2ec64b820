// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/ChildProcess.h"
#include "Plugin/Engine/EngineLife.h"
#include "UnitTests/Plugin/Engine/EngineTestBase.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

namespace H3K27M::Testing
{
  class ChildProcessTests : public EngineTestBase
  {
  protected:
    Json::Value GetWhatTheChildSees(const SupervisorOptions& options)
    {
      EngineLife life(options, {});
      return life.WaitForHello().model;
    }

    static std::string WaitForEnd(ChildProcess& child)
    {
      const std::optional<ChildProcess::Ending> ending = child.WaitForExit(Soon());
      return ending ? ending->text : "it did not end";
    }

    static std::string WaitForEnd(const ProcessLaunch& launch)
    {
      ChildProcess child(launch, 0);
      return WaitForEnd(child);
    }
  };

  TEST_F(ChildProcessTests, InheritsNothingButItsSocketAndItsLog)
  {
    // A descriptor that somebody in the PACS opened without O_CLOEXEC, and a secret in the environment.
    const Descriptor leaked(open("/dev/null", O_RDONLY));
    ASSERT_GE(fcntl(leaked.Get(), F_DUPFD, 200), 200);
    setenv("PGPASSWORD", "geheim", 1);
    setenv("TMPDIR", "/tmp", 0);  // where it has none
    signal(SIGPIPE, SIG_IGN);
    SupervisorOptions options = MakeOptions("good");
    options.launch.environment = {"OMP_NUM_THREADS=1"};
    const Json::Value seen = GetWhatTheChildSees(options);
    signal(SIGPIPE, SIG_DFL);
    unsetenv("PGPASSWORD");

    std::vector<int> descriptors;

    for (const Json::Value& fd : seen["descriptors"])
    {
      descriptors.push_back(fd.asInt());
    }

    EXPECT_THAT(descriptors, ::testing::UnorderedElementsAre(0, 1, 2, ChildProcess::CHILD_DESCRIPTOR));

    std::string environment;

    for (const Json::Value& variable : seen["environment"])
    {
      environment += variable.asString() + "\n";
    }

    EXPECT_EQ(std::string::npos, environment.find("geheim"));
    EXPECT_NE(std::string::npos, environment.find("OMP_NUM_THREADS=1"));
    EXPECT_NE(std::string::npos, environment.find("PATH="));
    EXPECT_EQ(environment.find("TMPDIR="), environment.rfind("TMPDIR="))
      << "of two, programs take now one, now the other";
    EXPECT_FALSE(seen["ignores_pipe"].asBool());
    EXPECT_FALSE(seen["blocks_term"].asBool());
    EXPECT_TRUE(seen["leads_group"].asBool());
    EXPECT_EQ(SIGKILL, seen["death_signal"].asInt());
    EXPECT_EQ(0u, seen["core_bytes"].asUInt64()) << "a core file would hold images";
    EXPECT_TRUE(seen["cannot_gain_rights"].asBool());
    EXPECT_LE(seen["open_files"].asUInt64(), 1024u);
    EXPECT_TRUE(seen["temporary_is_there"].asBool());
  }

  TEST_F(ChildProcessTests, HasAFolderOfItsOwnForTemporaryFilesThatGoesWithIt)
  {
    ProcessLaunch launch = MakeLaunch("leaves-a-file");
    launch.arguments.push_back("3");
    EXPECT_EQ("exit code 0", WaitForEnd(launch));

    std::string folder;
    std::ifstream(launch.arguments[1]) >> folder;
    EXPECT_NE(std::filesystem::temp_directory_path(), folder);
    EXPECT_THAT(folder, ::testing::HasSubstr("orthanc-h3k27m-"));
    EXPECT_FALSE(std::filesystem::exists(folder));
  }

  // A full disk there would otherwise stop triage, which needs no such files.
  TEST_F(ChildProcessTests, StartsWithoutAFolderForTemporaryFilesWhereThereCanBeNone)
  {
    const LogRecorder log;
    const char* const before = std::getenv("TMPDIR");
    const std::optional<std::string> kept = before == nullptr ? std::nullopt : std::optional<std::string>(before);
    setenv("TMPDIR", (folder_.GetPath() / "missing").c_str(), 1);
    ProcessLaunch launch = MakeLaunch("exits");
    launch.arguments.push_back("3");
    EXPECT_THAT(WaitForEnd(launch), ::testing::StartsWith("exit code 3"));
    kept ? setenv("TMPDIR", kept->c_str(), 1) : unsetenv("TMPDIR");
    ASSERT_FALSE(log.GetLines().empty());
    EXPECT_EQ(Support::LogLevel::Warning, log.GetLines().front().first);
    EXPECT_THAT(log.GetLines().front().second, ::testing::HasSubstr("no folder of its own for temporary files"));
  }

  TEST_F(ChildProcessTests, IsEndedWhenItsProcessorTimeIsOver)
  {
    ProcessLaunch launch;
    launch.program = "/bin/sh";
    launch.arguments = {"-c", "while :; do :; done"};
    launch.cpuSeconds = 1;
    EXPECT_THAT(WaitForEnd(launch), ::testing::HasSubstr("signal 9"));
  }

#ifndef H3K27M_SANITIZED  // a sanitizer's own tables are larger than any limit
  TEST_F(ChildProcessTests, IsRefusedMemoryBeyondItsLimit)
  {
    ProcessLaunch launch = MakeLaunch("takes-much");
    launch.arguments.push_back("3");
    const LogRecorder log;
    EXPECT_EQ("exit code 0", WaitForEnd(launch));
    launch.memoryBytes = std::uint64_t{256} << 20;
    EXPECT_EQ("exit code 0", WaitForEnd(launch));

    const auto lines = log.GetLines();
    ASSERT_EQ(2u, lines.size());
    EXPECT_THAT(lines[0].second, ::testing::HasSubstr("had all of it"));
    EXPECT_THAT(lines[1].second, ::testing::HasSubstr("refused"));
  }
#endif

  TEST_F(ChildProcessTests, IsTheFirstToGoWhenMemoryRunsOutAndTheLastToCompute)
  {
    SupervisorOptions options = MakeOptions("good");
    const int ownNice = getpriority(PRIO_PROCESS, 0);
    Json::Value seen = GetWhatTheChildSees(options);
    EXPECT_GE(seen["oom_score_adj"].asInt(), 500);
    EXPECT_EQ(std::min(19, std::max(10, ownNice)), seen["nice"].asInt());

    options.launch.priority = ProcessPriority::Idle;
    options.launch.oomScoreAdjustment = 900;
    seen = GetWhatTheChildSees(options);
    EXPECT_GE(seen["oom_score_adj"].asInt(), 900);
    EXPECT_TRUE(seen["is_idle"].asBool());
  }

  // Threads that wait by turning on the spot made a study take minutes while others arrived.
  TEST_F(ChildProcessTests, DoesNotComputeWhileItWaitsUnlessItsPriorityIsNormal)
  {
    SupervisorOptions options = MakeOptions("good");

    for (const auto& [priority, expected] :
         {std::pair(ProcessPriority::Normal, false), std::pair(ProcessPriority::Low, true),
          std::pair(ProcessPriority::Idle, true)})
    {
      options.launch.priority = priority;
      const Json::Value seen = GetWhatTheChildSees(options);
      const Json::Value& environment = seen["environment"];
      EXPECT_EQ(expected,
                std::find(environment.begin(), environment.end(), "GOMP_SPINCOUNT=1000") != environment.end());
    }
  }

  TEST_F(ChildProcessTests, SaysWhyAProgramCannotBeStarted)
  {
    ProcessLaunch launch = MakeLaunch("good");
    launch.program = (folder_.GetPath() / "missing").string();
    const Error error = GetError([&] { ChildProcess(launch, 0); });
    EXPECT_EQ(ErrorCode::Unavailable, error.GetCode());
    EXPECT_THAT(error.what(), ::testing::HasSubstr("missing: No such file"));
  }

  TEST_F(ChildProcessTests, TellsHowItEnded)
  {
    ProcessLaunch launch = MakeLaunch("exits");
    launch.arguments.push_back("3");
    const std::optional<ChildProcess::Ending> ending = ChildProcess(launch, 0).WaitForExit(Soon());
    ASSERT_TRUE(ending);
    EXPECT_EQ(3, ending->exitCode);
    EXPECT_EQ("exit code 3: the model is damaged", ending->text);
  }

  TEST_F(ChildProcessTests, RelaysItsLogLineByLine)
  {
    const LogRecorder log;
    {
      ProcessLaunch launch = MakeLaunch("speaks");
      launch.arguments.push_back("3");
      ChildProcess child(launch, 0);
      EXPECT_EQ("exit code 0", WaitForEnd(child));
    }

    using Line = std::pair<Support::LogLevel, std::string>;
    EXPECT_THAT(log.GetLines(),
                ::testing::ElementsAre(Line(Support::LogLevel::Info, "Engine: on standard output"),
                                       Line(Support::LogLevel::Warning, "Engine: warning: on standard error"),
                                       Line(Support::LogLevel::Error, "Engine: error: bad [31m"),
                                       Line(Support::LogLevel::Info, "Engine: without an end")));
  }

  TEST_F(ChildProcessTests, DoesNotLetItFloodTheLog)
  {
    const LogRecorder log;
    {
      ProcessLaunch launch = MakeLaunch("floods");
      launch.arguments.push_back("3");
      ChildProcess child(launch, 0);
      EXPECT_EQ("exit code 0", WaitForEnd(child));
    }

    EXPECT_GE(log.GetLines().size(), 100u);
    EXPECT_LT(log.GetLines().size(), 4000u);
  }

  TEST_F(ChildProcessTests, StopsByAskingThenBySignals)
  {
    using std::chrono::milliseconds;
    int ends[2] = {};
    ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    Descriptor ours(ends[0]);
    Descriptor theirs(ends[1]);
    ProcessLaunch launch = MakeLaunch("says-nothing");
    launch.arguments.push_back("3");
    ChildProcess polite(launch, theirs.Get());
    launch.arguments[0] = "sleeps";
    ChildProcess deaf(launch, theirs.Get());
    theirs.Close();
    EXPECT_FALSE(polite.WaitForExit(std::chrono::steady_clock::now()));
    ours.Close();
    EXPECT_EQ("exit code 0", polite.Stop(milliseconds(60000), milliseconds(60000)));
    EXPECT_THAT(deaf.Stop(milliseconds(1), milliseconds(60000)), ::testing::HasSubstr("signal 15"));
  }

  TEST_F(ChildProcessTests, KillsWhatIgnoresSignals)
  {
    SupervisorOptions options = MakeOptions("stubborn");
    options.askLimit = std::chrono::milliseconds(1);
    options.terminateLimit = std::chrono::milliseconds(1);
    EngineLife life(options, {});
    life.WaitForHello();
    EXPECT_THAT(life.End().what(), ::testing::HasSubstr("signal 9"));
  }

  // Not even SIGKILL ends a process that waits for a disk before the disk answers. Here it has had no time to end.
  TEST_F(ChildProcessTests, OneThatDoesNotEndIsLeftToItselfAndReapedAtALaterStart)
  {
    using std::chrono::milliseconds;
    ProcessLaunch launch;
    launch.program = "/bin/sh";
    launch.arguments = {"-c", "exec sleep 60"};
    launch.priority = ProcessPriority::Idle;
    pid_t pid = 0;

    {
      ChildProcess child(launch, 0);
      pid = child.GetPid();
      EXPECT_THAT(child.Stop(milliseconds(0), milliseconds(0), milliseconds(0)), ::testing::HasSubstr("signal"));
    }

    launch.arguments = {"-c", "exit 0"};
    const TimePoint limit = Soon();

    while (kill(pid, 0) == 0 && std::chrono::steady_clock::now() < limit)
    {
      std::this_thread::sleep_for(milliseconds(2));
      EXPECT_EQ("exit code 0", WaitForEnd(launch));
    }

    EXPECT_NE(0, kill(pid, 0)) << "it was never reaped";
  }

  TEST_F(ChildProcessTests, DiesWithTheProcessThatStartedIt)
  {
    int report[2] = {};
    ASSERT_EQ(0, pipe(report));
    const pid_t parent = fork();

    if (parent == 0)
    {
      ProcessLaunch launch = MakeLaunch("sleeps");
      launch.arguments.push_back("0");
      const auto* const child = new ChildProcess(launch, 0);
      const pid_t pid = child->GetPid();
      static_cast<void>(!write(report[1], &pid, sizeof(pid)));
      raise(SIGKILL);
    }

    close(report[1]);
    pid_t child = 0;
    ASSERT_EQ(static_cast<ssize_t>(sizeof(child)), read(report[0], &child, sizeof(child)));
    close(report[0]);
    ASSERT_EQ(parent, waitpid(parent, nullptr, 0));

    // Gone, or a zombie that init has not collected yet.
    const TimePoint limit = Soon();
    char state = 'R';

    while (state != 'Z' && kill(child, 0) == 0 && std::chrono::steady_clock::now() < limit)
    {
      std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
      std::string word;
      stat >> word >> word >> state;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }

    EXPECT_TRUE(state == 'Z' || kill(child, 0) != 0) << "the engine outlived a killed Orthanc";
  }
}
