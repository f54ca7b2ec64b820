// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/EngineCommand.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/ExitCode.h"
#include "Plugin/Engine/ChildProcess.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace H3K27M::Engine
{
  static_assert(EngineCommand::ANSWER_DESCRIPTOR == ChildProcess::CHILD_DESCRIPTOR);

  namespace
  {
    constexpr std::chrono::milliseconds POLL_INTERVAL(100);  // so soon an interrupted command is over

    // A command reads models and runs and writes its answer, nothing larger.
    constexpr std::uint64_t MAX_FILE_BYTES = 4 * EngineCommand::MAX_ANSWER_BYTES;

    // As much as all processors do within the limit. Who waits ends the command at its limit; this one holds also where
    // nobody can.
    std::uint64_t GetCpuSeconds(std::chrono::seconds limit)
    {
      return static_cast<std::uint64_t>(limit.count() + 1) * std::max(1u, std::thread::hardware_concurrency());
    }

    // A file without a name: the answer may be larger than a pipe, and nobody reads while the command runs.
    Descriptor MakeFile()
    {
      Descriptor file(memfd_create("h3k27m-answer", MFD_CLOEXEC));

      if (file.Get() < 0)
      {
        throw Error(ErrorCode::Unavailable, std::string("Cannot make a file in memory: ") + std::strerror(errno));
      }

      return file;
    }

    std::string ReadAnswer(const Descriptor& file)
    {
      std::string answer(EngineCommand::MAX_ANSWER_BYTES + 1, '\0');
      std::size_t size = 0;

      while (size < answer.size())
      {
        const ssize_t count = pread(file.Get(), answer.data() + size, answer.size() - size, static_cast<off_t>(size));

        // At the end errno is whatever an earlier call left there.
        if (count == 0 || (count < 0 && errno != EINTR))
        {
          break;
        }

        size += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
      }

      if (size > EngineCommand::MAX_ANSWER_BYTES)
      {
        throw Error(ErrorCode::Unavailable, "The engine's answer is larger than 16 MiB");
      }

      answer.resize(size);
      return answer;
    }

    ErrorCode ToErrorCode(const ChildProcess::Ending& ending)
    {
      switch (ending.exitCode.value_or(Protocol::ExitCode::UNAVAILABLE))
      {
        case Protocol::ExitCode::UNAVAILABLE:
          return ErrorCode::Unavailable;
        case Protocol::ExitCode::INTERNAL:
          return ErrorCode::Internal;
        default:
          return ErrorCode::BadInput;
      }
    }

    [[noreturn]] void ThrowInterrupted()
    {
      throw Error(ErrorCode::Unavailable, "The engine takes no more requests: Orthanc is being stopped");
    }

    [[noreturn]] void ThrowEnding(const ChildProcess::Ending& ending)
    {
      // "exit code 3: h3k27m command: what is wrong"
      const std::size_t colon = ending.text.find(": ");
      throw Error(ToErrorCode(ending),
                  colon == std::string::npos ? "The engine ended by " + ending.text : ending.text.substr(colon + 2));
    }
  }

  // The turn, until it goes out of scope.
  class EngineCommand::Hold
  {
  public:
    Hold(Turn& turn, std::chrono::milliseconds limit) :
      turn_(turn)
    {
      const auto until = std::chrono::steady_clock::now() + limit;
      Support::MutexLock lock(turn_.mutex);

      while (turn_.isTaken && !turn_.isInterrupted)
      {
        if (!lock.WaitUntil(turn_.freed, until) && turn_.isTaken && !turn_.isInterrupted)
        {
          throw Error(ErrorCode::Busy, "The engine is at work on another request of this kind: try again in a moment");
        }
      }

      if (turn_.isInterrupted)
      {
        ThrowInterrupted();
      }

      turn_.isTaken = true;
    }

    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    ~Hold()
    {
      {
        const Support::MutexLock lock(turn_.mutex);
        turn_.isTaken = false;
      }

      turn_.freed.notify_one();
    }

    bool IsInterrupted() const
    {
      const Support::MutexLock lock(turn_.mutex);
      return turn_.isInterrupted;
    }

  private:
    Turn& turn_;
  };

  EngineCommand::EngineCommand(ProcessLaunch launch, std::chrono::milliseconds turnLimit) :
    launch_(std::move(launch)),
    turnLimit_(turnLimit)
  {
    launch_.priority = ProcessPriority::Low;
  }

  std::string EngineCommand::Run(const std::vector<std::string>& arguments, std::chrono::seconds limit) const
  {
    ProcessLaunch launch = launch_;
    launch.arguments = arguments;
    launch.cpuSeconds = GetCpuSeconds(limit);
    launch.fileBytes = MAX_FILE_BYTES;
    const Hold hold(*turn_, turnLimit_);
    const Descriptor file = MakeFile();
    ChildProcess child(launch, file.Get());
    const ChildProcess::TimePoint until = std::chrono::steady_clock::now() + limit;
    std::optional<ChildProcess::Ending> ending;

    // In small steps: a child is ended by the thread that made it.
    do
    {
      if (hold.IsInterrupted())
      {
        ThrowInterrupted();
      }

      ending = child.WaitForExit(std::min(until, std::chrono::steady_clock::now() + POLL_INTERVAL));
    } while (!ending && std::chrono::steady_clock::now() < until);

    if (!ending)
    {
      throw Error(ErrorCode::Unavailable, "The engine did not answer within " + std::to_string(limit.count()) + " s");
    }

    if (ending->exitCode != Protocol::ExitCode::OK)
    {
      ThrowEnding(*ending);
    }

    return ReadAnswer(file);
  }

  void EngineCommand::Interrupt() const
  {
    {
      const Support::MutexLock lock(turn_->mutex);
      turn_->isInterrupted = true;
    }

    turn_->freed.notify_all();
  }
}
