// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/ChildSetup.h"

#include "Plugin/Engine/ChildProcess.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace H3K27M::Engine
{
  namespace
  {
    constexpr int FAILURE_DESCRIPTOR = ChildProcess::CHILD_DESCRIPTOR + 1;
    constexpr int FIRST_FREE_DESCRIPTOR = FAILURE_DESCRIPTOR + 1;
    constexpr int OUT_OF_THE_WAY = 16;
    constexpr int START_FAILED = 127;
    constexpr int LOW_PRIORITY = 10;
    constexpr rlim_t MAX_OPEN_FILES = 1024;  // CUDA and a training with its loaders stay below 200

    // What a program that computes may need of ours; nothing else, secrets above all, is passed on.
    constexpr std::array PASSED_ON = {"PATH",
                                      "HOME",
                                      "LANG",
                                      "LC_ALL",
                                      "TZ",
                                      "LD_LIBRARY_PATH",
                                      "CUDA_VISIBLE_DEVICES",
                                      "CUDA_DEVICE_ORDER",
                                      "CUDA_CACHE_PATH",
                                      "NVIDIA_VISIBLE_DEVICES",
                                      "NVIDIA_DRIVER_CAPABILITIES"};

    // Of who yields to others. OpenMP's threads wait for each other by turning on the spot: beside a busy PACS that
    // burns what is left for computing. `h3k27m bench` with the demonstration model, two threads at nice 10 beside two
    // busy processes on two cores: not over after 100 s and 17 s of processor time; with this, over after 32 s and 7 s.
    // On a quiet machine it costs nothing (20.7 ms per slice with and without; sleeping at once, 22.3).
    constexpr const char* SHORT_SPIN = "GOMP_SPINCOUNT=1000";

    std::string GetOomScore(int wanted)
    {
      int own = 0;
      std::ifstream("/proc/self/oom_score_adj") >> own;
      return std::to_string(std::clamp(std::max(own, wanted), -1000, 1000));
    }

    std::vector<char*> PointTo(std::vector<std::string>& texts)
    {
      std::vector<char*> pointers;
      pointers.reserve(texts.size() + 1);

      for (std::string& text : texts)
      {
        pointers.push_back(text.data());
      }

      pointers.push_back(nullptr);
      return pointers;
    }

    // Never raises one: what the PACS was given holds for its children too.
    void LowerLimit(decltype(RLIMIT_CORE) resource, rlim_t value) noexcept
    {
      rlimit limit = {};

      if (getrlimit(resource, &limit) == 0)
      {
        limit = {std::min(limit.rlim_cur, value), std::min(limit.rlim_max, value)};
        setrlimit(resource, &limit);
      }
    }

    void CloseFrom(int first) noexcept
    {
      if (close_range(static_cast<unsigned>(first), UINT_MAX, 0) != 0)
      {
        rlimit limit = {};
        const bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
        const int end = known ? static_cast<int>(std::min<rlim_t>(limit.rlim_cur, INT_MAX)) : 65536;

        for (int fd = first; fd < end; fd++)
        {
          close(fd);
        }
      }
    }
  }

  ChildSetup::ChildSetup(const ProcessLaunch& launch, Descriptors descriptors, const std::filesystem::path& temporary) :
    descriptors_(descriptors),
    priority_(launch.priority),
    parent_(getpid()),
    memoryBytes_(launch.memoryBytes),
    cpuSeconds_(launch.cpuSeconds),
    fileBytes_(launch.fileBytes),
    oomScore_(GetOomScore(launch.oomScoreAdjustment)),
    arguments_(launch.arguments),
    environment_(launch.environment)
  {
    arguments_.insert(arguments_.begin(), launch.program);

    if (priority_ != ProcessPriority::Normal)
    {
      environment_.emplace_back(SHORT_SPIN);
    }

    for (const char* name : PASSED_ON)
    {
      PassOn(name);
    }

    if (temporary.empty())
    {
      PassOn("TMPDIR");
    }
    else
    {
      environment_.push_back("TMPDIR=" + temporary.string());
    }

    argumentPointers_ = PointTo(arguments_);
    environmentPointers_ = PointTo(environment_);
  }

  void ChildSetup::PassOn(const char* name)
  {
    if (const char* value = std::getenv(name))
    {
      environment_.push_back(std::string(name) + "=" + value);
    }
  }

  void ChildSetup::Become() const noexcept
  {
    if (PlaceDescriptors())
    {
      ResetSignals();
      LowerClaims();

      // SIGKILL, since an engine that hangs would not see its closed socket. The parent may have died before this took
      // effect.
      prctl(PR_SET_PDEATHSIG, SIGKILL);

      if (getppid() != parent_)
      {
        _exit(START_FAILED);
      }

      execve(argumentPointers_.front(), argumentPointers_.data(), environmentPointers_.data());
    }

    const int cause = errno;
    static_cast<void>(!write(FAILURE_DESCRIPTOR, &cause, sizeof(cause)));
    _exit(START_FAILED);
  }

  bool ChildSetup::PlaceDescriptors() const noexcept
  {
    // First all of them above the targets, so that none is overwritten before it was copied.
    const int failure = fcntl(descriptors_.failure, F_DUPFD, OUT_OF_THE_WAY);
    const int inherited = fcntl(descriptors_.inherited, F_DUPFD, OUT_OF_THE_WAY);
    const int output = fcntl(descriptors_.output, F_DUPFD, OUT_OF_THE_WAY);
    const int nothing = open("/dev/null", O_RDONLY);

    if (failure < 0 || dup3(failure, FAILURE_DESCRIPTOR, O_CLOEXEC) < 0)
    {
      return false;
    }

    if (inherited < 0 || output < 0 || nothing < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0 || dup2(inherited, ChildProcess::CHILD_DESCRIPTOR) < 0 ||
        (nothing != STDIN_FILENO && dup2(nothing, STDIN_FILENO) < 0))
    {
      return false;
    }

    CloseFrom(FIRST_FREE_DESCRIPTOR);
    return true;
  }

  void ChildSetup::ResetSignals() const noexcept
  {
    struct sigaction byDefault = {};
    byDefault.sa_handler = SIG_DFL;

    for (int signal = 1; signal < NSIG; signal++)
    {
      sigaction(signal, &byDefault, nullptr);  // fails for SIGKILL and SIGSTOP, which are at their default anyway
    }

    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);

    // An interrupt typed at Orthanc's terminal is for Orthanc, which stops the child in order.
    setpgid(0, 0);
  }

  void ChildSetup::LowerClaims() const noexcept
  {
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (file >= 0)
    {
      static_cast<void>(!write(file, oomScore_.data(), oomScore_.size()));
      close(file);
    }

    // A core file would hold the images of patients.
    LowerLimit(RLIMIT_CORE, 0);
    LowerLimit(RLIMIT_NOFILE, MAX_OPEN_FILES);

    // Private memory that it may write to, not addresses: CUDA reserves far more of these than a machine has memory.
    if (memoryBytes_ > 0)
    {
      LowerLimit(RLIMIT_DATA, memoryBytes_);
    }

    if (cpuSeconds_ > 0)
    {
      LowerLimit(RLIMIT_CPU, cpuSeconds_);
    }

    if (fileBytes_ > 0)
    {
      LowerLimit(RLIMIT_FSIZE, fileBytes_);
    }

    // A program that gains rights must not be reached from here.
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

    // Refusals (a container's rules) leave the child as important as its parent: no reason not to start it.
    if (priority_ == ProcessPriority::Low)
    {
      setpriority(PRIO_PROCESS, 0, LOW_PRIORITY);
    }
    else if (priority_ == ProcessPriority::Idle)
    {
      const sched_param unused = {};
      sched_setscheduler(0, SCHED_IDLE, &unused);
    }
  }
}
