// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/SupervisorLoop.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Log.h"

#include <algorithm>
#include <utility>

namespace H3K27M::Engine
{
  namespace
  {
    // How often heartbeats are looked at; everything else wakes the loop at once.
    constexpr std::chrono::milliseconds LOOK_INTERVAL{500};

    double ToSeconds(std::chrono::steady_clock::duration duration)
    {
      return std::max(0.0, std::chrono::duration<double>(duration).count());
    }
  }

  SupervisorLoop::SupervisorLoop(SupervisorOptions options) :
    options_(std::move(options)),
    plan_(options_)
  {
  }

  SupervisorLoop::~SupervisorLoop()
  {
    Stop();
  }

  void SupervisorLoop::SetStateCallback(std::function<void(EngineState)> callback)
  {
    callback_ = std::move(callback);
  }

  void SupervisorLoop::Start()
  {
    if (thread_.joinable())
    {
      throw Error(ErrorCode::Internal, "The engine's supervisor was started twice");
    }

    thread_ = std::thread(&SupervisorLoop::Run, this);
  }

  void SupervisorLoop::Stop()
  {
    {
      const Support::MutexLock lock(mutex_);
      stopRequested_ = true;
      changed_.notify_all();
    }

    CloseClient(Error(ErrorCode::Unavailable, "Orthanc stops"));

    if (thread_.joinable())
    {
      thread_.join();
    }
  }

  void SupervisorLoop::Restart()
  {
    {
      const Support::MutexLock lock(mutex_);
      restartRequested_ = true;
      changed_.notify_all();
    }

    CloseClient(Error(ErrorCode::Unavailable, "it is restarted"));
  }

  void SupervisorLoop::UseModel(const std::string& folder)
  {
    {
      const Support::MutexLock lock(mutex_);
      model_ = folder;
    }

    Restart();
  }

  SupervisorOptions SupervisorLoop::MakeOptions() const
  {
    const Support::MutexLock lock(mutex_);
    SupervisorOptions options = options_;
    std::vector<std::string>& arguments = options.launch.arguments;
    const auto found = std::find(arguments.begin(), arguments.end(), "--model");
    if (!model_.empty() && found != arguments.end() && found + 1 != arguments.end())
    {
      *(found + 1) = model_;
    }

    return options;
  }

  void SupervisorLoop::CloseClient(const Error& reason)
  {
    std::shared_ptr<EngineClient> client;

    {
      const Support::MutexLock lock(mutex_);
      client = client_;
    }

    // Outside of the lock: the client announces its end under it.
    if (client)
    {
      client->Close(reason);
    }
  }

  void SupervisorLoop::SetState(EngineState state)
  {
    {
      const Support::MutexLock lock(mutex_);
      status_.state = state;
      stateSince_ = Clock::now();
      changed_.notify_all();
    }

    if (callback_)
    {
      callback_(state);
    }
  }

  bool SupervisorLoop::IsEndWanted() const
  {
    const Support::MutexLock lock(mutex_);
    return stopRequested_ || restartRequested_;
  }

  void SupervisorLoop::Run()
  {
    for (;;)
    {
      {
        const Support::MutexLock lock(mutex_);

        if (stopRequested_)
        {
          break;
        }

        if (std::exchange(restartRequested_, false))
        {
          plan_.Forget();
          status_.failuresInARow = 0;
        }
      }

      EngineEnding ending;

      try
      {
        ending = Live();
      }
      catch (const std::exception& e)
      {
        ending.reason = e.what();
      }

      Detach();

      if (!ending.reason.empty())
      {
        HandleFailure(ending);
      }
    }

    SetState(EngineState::Stopped);
  }

  void SupervisorLoop::Attach(const EngineLife& life)
  {
    {
      const Support::MutexLock lock(mutex_);
      client_ = life.GetClient();
      status_.pid = life.GetPid();
      status_.starts++;
    }

    // Stop() may have come when there was no client yet to close.
    if (IsEndWanted())
    {
      life.GetClient()->Close(Error(ErrorCode::Unavailable, "it is not wanted any more"));
    }
  }

  void SupervisorLoop::Detach()
  {
    const Support::MutexLock lock(mutex_);
    client_.reset();
    status_.pid = 0;
    status_.info.reset();  // the next one may have another model
  }

  EngineEnding SupervisorLoop::Live()
  {
    {
      const Support::MutexLock lock(mutex_);
      connectionEnded_ = false;
    }

    SetState(EngineState::Starting);

    const SupervisorOptions options = MakeOptions();  // outlives the life that refers to it
    EngineLife life(options, [this]
    {
      const Support::MutexLock lock(mutex_);
      connectionEnded_ = true;
      changed_.notify_all();
    });
    Attach(life);

    EngineEnding ending;
    Clock::time_point ready = Clock::time_point::max();

    try
    {
      const EngineInfo info = life.WaitForHello();

      {
        const Support::MutexLock lock(mutex_);
        status_.info = info;
      }

      ready = Clock::now();
      SetState(EngineState::Ready);
      Serve(life);
    }
    catch (const Error& e)
    {
      life.GetClient()->Fail(e);
    }

    ending.served = std::max(Clock::duration::zero(), Clock::now() - ready);
    const bool wanted = IsEndWanted();

    {
      // No new request goes to an engine that is on its way out.
      const Support::MutexLock lock(mutex_);
      status_.state = EngineState::Starting;
    }

    const Error cause = life.End();
    ending.completed = life.GetClient()->GetHealth().completed > 0;
    ending.endedOverRequest = life.GetClient()->EndedOverRequest();

    if (!wanted)
    {
      ending.reason = cause.what();

      // An engine of another release will not get better; one that was understood once only failed.
      ending.canBeRetried = cause.GetCode() != ErrorCode::BadInput || life.GetClient()->HasSaidHello();
    }

    return ending;
  }

  void SupervisorLoop::Serve(const EngineLife& life)
  {
    for (;;)
    {
      {
        Support::MutexLock lock(mutex_);
        const Clock::time_point look = Clock::now() + LOOK_INTERVAL;

        while (!stopRequested_ && !restartRequested_ && !connectionEnded_ && Clock::now() < look)
        {
          lock.WaitUntil(changed_, look);
        }

        if (stopRequested_ || restartRequested_ || connectionEnded_)
        {
          return;
        }
      }

      if (const std::optional<Error> sick = life.CheckHealth())
      {
        throw Error(*sick);
      }
    }
  }

  void SupervisorLoop::HandleFailure(const EngineEnding& ending)
  {
    RestartPlan::Step step;
    unsigned failures = 0;

    {
      const Support::MutexLock lock(mutex_);
      step = plan_.Fail(ending);
      failures = plan_.GetFailures();
      status_.failuresInARow = failures;
      status_.lastError = ending.reason;
      nextStart_ = Clock::now() + step.delay;
    }

    if (step.givesUp)
    {
      Support::Log::Error("Engine: given up after " + std::to_string(failures) +
                          " failures in a row: " + ending.reason + "; tried again in " +
                          std::to_string(std::chrono::ceil<std::chrono::minutes>(step.delay).count()) +
                          " min, or when asked");
      SetState(EngineState::GivenUp);
    }
    else
    {
      Support::Log::Warning("Engine: ended: " + ending.reason + "; starts again in " +
                            std::to_string(step.delay.count()) + " ms");
      SetState(EngineState::Waiting);
    }

    Pause(step.delay);
  }

  void SupervisorLoop::Pause(Clock::duration delay)
  {
    const Clock::time_point end = Clock::now() + delay;
    Support::MutexLock lock(mutex_);

    while (!stopRequested_ && !restartRequested_ && Clock::now() < end)
    {
      lock.WaitUntil(changed_, end);
    }
  }

  bool SupervisorLoop::WaitUntilReady(TimePoint limit)
  {
    Support::MutexLock lock(mutex_);

    while (status_.state != EngineState::Ready)
    {
      if (stopRequested_ || status_.state == EngineState::GivenUp || Clock::now() >= limit)
      {
        return false;
      }

      lock.WaitUntil(changed_, limit);
    }

    return !stopRequested_;
  }

  std::shared_ptr<EngineClient> SupervisorLoop::GetReadyClient() const
  {
    const Support::MutexLock lock(mutex_);

    if (status_.state != EngineState::Ready || !client_)
    {
      throw Error(ErrorCode::Busy, "The engine is not ready (" + std::string(ToString(status_.state)) + ")");
    }

    return client_;
  }

  EngineStatus SupervisorLoop::GetStatus() const
  {
    std::shared_ptr<EngineClient> client;
    EngineStatus status;

    {
      const Support::MutexLock lock(mutex_);
      status = status_;
      client = client_;
      status.uptimeSeconds = status.state == EngineState::Ready ? ToSeconds(Clock::now() - stateSince_) : 0;
      status.nextStartSeconds = status.IsPausing() ? ToSeconds(nextStart_ - Clock::now()) : 0;
    }

    if (client)
    {
      const EngineHealth health = client->GetHealth();
      status.rssBytes = health.rssBytes;
      status.peakRssBytes = health.peakRssBytes;
      status.progress = health.progress;
      status.busy = health.busy;
      status.openRequests = health.openRequests;
      status.failuresInARow = health.completed > 0 ? 0 : status.failuresInARow;
    }

    return status;
  }
}
