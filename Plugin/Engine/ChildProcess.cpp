// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/ChildProcess.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/ExitCode.h"
#include "Plugin/Engine/ChildSetup.h"
#include "Plugin/Support/Log.h"
#include "Plugin/Support/Mutex.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

namespace H3K27M::Engine
{
  namespace ExitCode = Protocol::ExitCode;

  namespace
  {
    constexpr std::chrono::milliseconds RETRY_INTERVAL{20};
    constexpr const char* UNKNOWN_END = "unknown end";

    // Children that were killed and had not ended when nobody could wait for them any longer. Thread-safe.
    class Unreaped
    {
    public:
      static Unreaped& GetInstance()
      {
        static Unreaped instance;
        return instance;
      }

      void Add(pid_t pid)
      {
        const Support::MutexLock lock(mutex_);
        pids_.push_back(pid);
      }

      void Reap()
      {
        const Support::MutexLock lock(mutex_);
        std::erase_if(pids_, [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; });
      }

    private:
      Support::Mutex mutex_;
      std::vector<pid_t> pids_ GUARDED_BY(mutex_);
    };

    struct Pipe
    {
      Descriptor read;
      Descriptor write;
    };

    Pipe MakePipe()
    {
      int ends[2] = {-1, -1};

      if (pipe2(ends, O_CLOEXEC) != 0)
      {
        throw Error(ErrorCode::Unavailable, std::string("Cannot make a pipe: ") + std::strerror(errno));
      }

      return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    }

    // A full or read-only disk of temporary files is no reason not to triage: few children write any.
    std::unique_ptr<ScratchFolder> MakeScratchFolder()
    {
      try
      {
        return std::make_unique<ScratchFolder>(std::filesystem::temp_directory_path());
      }
      catch (const std::exception& e)
      {
        Support::Log::Warning(std::string("engine: no folder of its own for temporary files: ") + e.what());
        return nullptr;
      }
    }

    // The cause that the child wrote before it could become the program; 0 when exec succeeded and closed the pipe.
    int ReadStartFailure(const Descriptor& pipe)
    {
      int cause = 0;
      ssize_t count = -1;

      do
      {
        count = read(pipe.Get(), &cause, sizeof(cause));
      } while (count < 0 && errno == EINTR);

      return count == static_cast<ssize_t>(sizeof(cause)) ? cause : 0;
    }

    ChildProcess::Ending Describe(int status)
    {
      if (WIFEXITED(status))
      {
        const int code = WEXITSTATUS(status);
        return {code, "exit code " + std::to_string(code)};
      }

      if (WIFSIGNALED(status))
      {
        const int signal = WTERMSIG(status);
        return {std::nullopt, "signal " + std::to_string(signal) + " (" + strsignal(signal) + ")"};
      }

      return {std::nullopt, UNKNOWN_END};
    }

    int GetMilliseconds(ChildProcess::TimePoint limit)
    {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now()).count();
      return static_cast<int>(std::clamp<decltype(left)>(left, 0, 3600000));
    }

    // No signal may run a handler of the parent in the child before its handlers are gone.
    class SignalsBlocked
    {
    public:
      SignalsBlocked()
      {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
      }

      SignalsBlocked(const SignalsBlocked&) = delete;
      SignalsBlocked& operator=(const SignalsBlocked&) = delete;

      ~SignalsBlocked()
      {
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
      }

    private:
      sigset_t before_ = {};
    };
  }

  ChildProcess::ChildProcess(const ProcessLaunch& launch, int inherited) :
    scratch_(MakeScratchFolder())
  {
    Unreaped::GetInstance().Reap();
    Pipe output = MakePipe();
    Pipe failure = MakePipe();
    const ChildSetup setup(launch, {inherited, output.write.Get(), failure.write.Get()},
                           scratch_ ? scratch_->GetPath() : std::filesystem::path());

    {
      const SignalsBlocked blocked;
      pid_ = fork();

      if (pid_ == 0)
      {
        setup.Become();
      }
    }

    if (pid_ < 0)
    {
      throw Error(ErrorCode::Unavailable, std::string("Cannot start a process: ") + std::strerror(errno));
    }

    output.write.Close();
    failure.write.Close();

    if (const int cause = ReadStartFailure(failure.read))
    {
      while (!Reap())
      {
        std::this_thread::sleep_for(RETRY_INTERVAL);
      }

      throw Error(ErrorCode::Unavailable, "Cannot start " + launch.program + ": " + std::strerror(cause));
    }

    pidDescriptor_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));

    try
    {
      relay_ = std::make_unique<LineRelay>(std::move(output.read));
    }
    catch (const std::exception&)
    {
      // A constructor that throws has no destructor: the child would run on, and never be reaped.
      KillWithin(KILL_LIMIT);
      throw;
    }
  }

  ChildProcess::~ChildProcess()
  {
    if (!ending_)
    {
      KillWithin(KILL_LIMIT);
    }
  }

  bool ChildProcess::Reap()
  {
    int status = 0;
    const pid_t found = waitpid(pid_, &status, WNOHANG);

    if (found == pid_)
    {
      ending_ = Describe(status);
    }
    else if (found < 0 && errno == ECHILD)
    {
      // Somebody in this process ignores SIGCHLD or reaps children that are not his.
      ending_ = Ending{std::nullopt, UNKNOWN_END};
    }

    return ending_.has_value();
  }

  std::optional<ChildProcess::Ending> ChildProcess::WaitForExit(TimePoint limit)
  {
    while (!ending_ && !Reap())
    {
      if (std::chrono::steady_clock::now() >= limit)
      {
        return std::nullopt;
      }

      // Asked again now and then even with a pidfd: where SIGCHLD is ignored it may not become readable.
      pollfd ended = {pidDescriptor_.Get(), POLLIN, 0};
      const int interval = pidDescriptor_.Get() < 0 ? static_cast<int>(RETRY_INTERVAL.count()) : 1000;
      poll(&ended, 1, std::min(interval, GetMilliseconds(limit)));
    }

    if (relay_ && ending_)
    {
      const std::string last = relay_->Finish();
      relay_.reset();

      // A program that fails by itself says why in its last line.
      if (ending_->exitCode.value_or(ExitCode::OK) != ExitCode::OK && !last.empty())
      {
        ending_->text += ": " + last;
      }
    }

    return ending_;
  }

  void ChildProcess::Kill(int signal) noexcept
  {
    if (!ending_)
    {
      kill(pid_, signal);
    }
  }

  std::string ChildProcess::KillWithin(std::chrono::milliseconds limit)
  {
    Kill(SIGKILL);

    if (const auto ending = WaitForExit(std::chrono::steady_clock::now() + limit))
    {
      return ending->text;
    }

    const std::string text = "signal 9, and has not ended yet: it may wait for a disk that does not answer";
    Support::Log::Warning("Engine: process " + std::to_string(pid_) + " was ended by " + text);
    Unreaped::GetInstance().Add(pid_);
    ending_ = Ending{std::nullopt, text};
    relay_.reset();
    return text;
  }

  std::string ChildProcess::Stop(std::chrono::milliseconds askLimit, std::chrono::milliseconds terminateLimit,
                                 std::chrono::milliseconds killLimit)
  {
    if (const auto ending = WaitForExit(std::chrono::steady_clock::now() + askLimit))
    {
      return ending->text;
    }

    Kill(SIGTERM);

    if (const auto ending = WaitForExit(std::chrono::steady_clock::now() + terminateLimit))
    {
      return ending->text;
    }

    return KillWithin(killLimit);
  }
}
