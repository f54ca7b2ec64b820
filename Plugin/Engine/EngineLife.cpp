// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/EngineLife.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Log.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace H3K27M::Engine
{
  namespace
  {
    using Clock = std::chrono::steady_clock;

    std::string FormatSeconds(Clock::duration duration)
    {
      return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
    }
  }

  EngineLife::EngineLife(const SupervisorOptions& options, std::function<void()> onClosed) :
    options_(options)
  {
    int ends[2] = {-1, -1};

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      throw Error(ErrorCode::Unavailable, std::string("Cannot make a socket: ") + std::strerror(errno));
    }

    Descriptor ours(ends[0]);
    Descriptor theirs(ends[1]);

    ProcessLaunch launch = options_.launch;
    launch.arguments.push_back("--fd");
    launch.arguments.push_back(std::to_string(ChildProcess::CHILD_DESCRIPTOR));
    child_ = std::make_unique<ChildProcess>(launch, theirs.Get());

    // Else the engine's end would never show as the end of the stream.
    theirs.Close();
    client_ = std::make_shared<EngineClient>(ours.Release(), std::move(onClosed));
  }

  EngineLife::~EngineLife()
  {
    End();
  }

  EngineInfo EngineLife::WaitForHello()
  {
    EngineInfo info = client_->WaitForHello(Clock::now() + options_.helloLimit);

    if (!info.selfTest["passed"].asBool())
    {
      throw Error(ErrorCode::Unavailable, "its self-test failed: this device does not compute what it should");
    }

    Support::Log::Info("Engine: ready on " + info.device + ", " + info.precision + ", " + std::to_string(info.threads) +
                       " threads, process " + std::to_string(GetPid()));
    return info;
  }

  std::optional<Error> EngineLife::CheckHealth() const
  {
    const EngineHealth health = client_->GetHealth();
    const Clock::time_point now = Clock::now();

    if (now - health.lastSign > options_.heartbeatLimit)
    {
      return Error(ErrorCode::Unavailable, "it hangs: no heartbeat for " + FormatSeconds(now - health.lastSign));
    }

    if (!health.busy.empty() && now - health.progressSince > options_.progressLimit)
    {
      return Error(ErrorCode::Unavailable, "it hangs: no progress for " + FormatSeconds(now - health.progressSince));
    }

    return std::nullopt;
  }

  Error EngineLife::End()
  {
    // Everybody hears at once that it serves no more; the process may take its time to leave.
    client_->Close(Error(ErrorCode::Unavailable, "it is stopped"));
    client_->Join();
    const std::string exit = child_->Stop(options_.askLimit, options_.terminateLimit);
    const Error cause = client_->GetClosingReason().value_or(Error(ErrorCode::Internal, "unknown"));
    return Error(cause.GetCode(), std::string(cause.what()) + " (" + exit + ")");
  }
}
