// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/WorkerPool.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/LeaseKeeper.h"
#include "Plugin/Support/Log.h"

namespace H3K27M::Pipeline
{
  namespace
  {
    // Upper limit of a wait for work: another Orthanc on the same database may have queued something.
    constexpr std::chrono::seconds IDLE_LIMIT(2);

    // What was computed is not thrown away because the database is away for a moment: so many tries in half a lease.
    constexpr unsigned RECORD_TRIES = 6;

    std::string Describe(const WorkState::Task& task)
    {
      return "task " + std::to_string(task.id) + " (study " + task.studyId + ")";
    }
  }

  // Shows Stop() and RecoverWhenDue() a task for as long as its worker is at it, however the worker leaves.
  class WorkerPool::Running
  {
  public:
    Running(WorkerPool& pool, Cancellation& cancellation, const WorkState::ClaimTicket& ticket) :
      pool_(pool),
      cancellation_(cancellation)
    {
      const Support::MutexLock lock(pool_.mutex_);
      pool_.running_.emplace(&cancellation_, ticket);
    }

    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    ~Running()
    {
      const Support::MutexLock lock(pool_.mutex_);
      pool_.running_.erase(&cancellation_);
    }

  private:
    WorkerPool& pool_;
    Cancellation& cancellation_;
  };

  WorkerPool::WorkerPool(WorkState::WorkStore& store, Engine::IInferenceEngine& engine, const StudyTriage& triage,
                         WorkerOptions options) :
    store_(store),
    engine_(engine),
    triage_(triage),
    options_(std::move(options)),
    nextRecovery_(std::chrono::steady_clock::now() + options_.lease)
  {
  }

  WorkerPool::~WorkerPool()
  {
    Stop();
  }

  void WorkerPool::Start()
  {
    for (unsigned i = 0; i < options_.workers; i++)
    {
      threads_.emplace_back([this](const std::stop_token& stop) { Run(stop); });
    }
  }

  void WorkerPool::Stop() noexcept
  {
    for (std::jthread& thread : threads_)
    {
      thread.request_stop();
    }

    {
      const Support::MutexLock lock(mutex_);
      wakes_++;

      for (const auto& [cancellation, ticket] : running_)
      {
        cancellation->Request();
      }
    }

    wake_.notify_all();
    threads_.clear();
  }

  void WorkerPool::Wake()
  {
    {
      const Support::MutexLock lock(mutex_);
      wakes_++;
    }

    wake_.notify_all();
  }

  std::uint64_t WorkerPool::GetWakes()
  {
    const Support::MutexLock lock(mutex_);
    return wakes_;
  }

  // `seen` was read before the caller looked for work, so that what came meanwhile is not slept over.
  void WorkerPool::WaitForWork(const std::stop_token& stop, std::uint64_t seen)
  {
    const auto limit = std::chrono::steady_clock::now() + IDLE_LIMIT;
    Support::MutexLock lock(mutex_);

    while (!stop.stop_requested() && wakes_ == seen && lock.WaitUntil(wake_, limit))
    {
    }
  }

  // True when a stop was asked for within `limit`.
  bool WorkerPool::WaitForStop(const std::stop_token& stop, std::chrono::milliseconds limit)
  {
    const auto end = std::chrono::steady_clock::now() + limit;
    Support::MutexLock lock(mutex_);

    while (!stop.stop_requested() && lock.WaitUntil(wake_, end))
    {
    }

    return stop.stop_requested();
  }

  void WorkerPool::Run(const std::stop_token& stop)
  {
    while (!stop.stop_requested())
    {
      try
      {
        Step(stop);
      }
      catch (const std::exception& e)
      {
        Support::Log::Warning(std::string("worker: ") + e.what());
        WaitForStop(stop, IDLE_LIMIT);
      }
    }
  }

  void WorkerPool::Step(const std::stop_token& stop)
  {
    const std::uint64_t seen = GetWakes();
    RecoverWhenDue();

    if (options_.followModel)
    {
      options_.followModel();
    }

    // Only a look: each change of the engine's state wakes, and an engine that was given up does not wait.
    if (!engine_.WaitUntilReady(std::chrono::steady_clock::now()))
    {
      WaitForWork(stop, seen);
      return;
    }

    const std::optional<WorkState::Task> task = store_.Claim(options_.owner, options_.lease, options_.scope);

    if (!task)
    {
      WaitForWork(stop, seen);
    }
    else if (!Process(*task, stop))
    {
      WaitForWork(stop, GetWakes());
    }
  }

  // By the workers: while all of them are busy, nobody here could take over what is found.
  void WorkerPool::RecoverWhenDue()
  {
    std::vector<WorkState::ClaimTicket> alive;

    {
      const Support::MutexLock lock(mutex_);
      const auto now = std::chrono::steady_clock::now();

      if (now < nextRecovery_)
      {
        return;
      }

      nextRecovery_ = now + options_.lease;

      for (const auto& [cancellation, ticket] : running_)
      {
        alive.push_back(ticket);
      }
    }

    if (store_.RecoverLeases(std::nullopt, options_.maxInterruptions, alive) > 0)
    {
      Wake();
    }
  }

  // False when the worker should pause.
  bool WorkerPool::Process(const WorkState::Task& task, const std::stop_token& stop)
  {
    Cancellation cancellation;
    const Running running(*this, cancellation, task.GetTicket());

    // A stop that came between the claim and the line above has not seen this task.
    if (stop.stop_requested())
    {
      cancellation.Request();
    }

    const LeaseKeeper keeper(store_, task.GetTicket(), options_.lease, cancellation);
    const Ending ending = Attempt(task, cancellation, stop);

    if (keeper.IsLost())
    {
      Support::Log::Info(Describe(task) + ": its claim was lost");
      return true;
    }

    Record(task, ending, keeper, stop);
    return !ending.pause;
  }

  WorkerPool::Ending WorkerPool::Attempt(const WorkState::Task& task, Cancellation& cancellation,
                                         const std::stop_token& stop)
  {
    Support::Log::Info(Describe(task) + ": attempt " + std::to_string(task.attempts));

    try
    {
      return MakeEnding(task, triage_.Run(task, cancellation));
    }
    catch (const Error& e)
    {
      const bool interrupted = e.GetCode() == ErrorCode::Cancelled && cancellation.IsRequested();

      if (interrupted && !stop.stop_requested())
      {
        return {"cancelled", [this, &task] { store_.FinishCancelled(task.GetTicket(), "cancelled"); }};
      }

      if (interrupted || e.GetCode() == ErrorCode::Busy)
      {
        const std::string words = interrupted ? "interrupted" : e.what();
        return {words + " (queued again)", [this, &task] { store_.Release(task.GetTicket()); }, !interrupted};
      }

      return MakeFailure(task, e.what(), e.CanRetry());
    }
    catch (const std::exception& e)
    {
      // Out of memory, a library's own exception: another attempt may find better times.
      return MakeFailure(task, e.what(), true);
    }
  }

  WorkerPool::Ending WorkerPool::MakeEnding(const WorkState::Task& task, TriageOutcome outcome)
  {
    const WorkState::ClaimTicket ticket = task.GetTicket();

    switch (outcome.kind)
    {
      case TriageOutcome::Kind::Done:
        if (options_.planDeliveries)
        {
          outcome.result.deliveries = options_.planDeliveries(outcome.result);
        }

        return {"done", [this, ticket, result = std::move(outcome.result)] { store_.Finish(ticket, result); }};

      case TriageOutcome::Kind::Refused:
        return {"no series to take", [this, ticket, outcome = std::move(outcome)]
        { store_.Refuse(ticket, outcome.reason, outcome.result); }};

      case TriageOutcome::Kind::Gone:
        return {"the study was deleted", [this, study = task.studyId] { store_.Forget(study); }};

      case TriageOutcome::Kind::Emptied:
        return {outcome.reason, [this, study = task.studyId] { store_.ForgetTask(study); }};

      case TriageOutcome::Kind::Changed:
        // Marks the running task to be queued again with its new content, which Release() then does.
        return {outcome.reason, [this, ticket, request = std::move(outcome.request)]
        {
          store_.Enqueue(request);
          store_.Release(ticket);
        }};
    }

    throw Error(ErrorCode::Internal, "unknown outcome");
  }

  WorkerPool::Ending WorkerPool::MakeFailure(const WorkState::Task& task, const std::string& reason, bool canRetry)
  {
    Support::Log::Warning(Describe(task) + ": " + reason + (canRetry ? " (to be tried again)" : ""));
    return {"failed",
            [this, &task, reason, canRetry] { store_.Fail(task.GetTicket(), reason, canRetry, options_.retry); }};
  }

  void WorkerPool::Record(const WorkState::Task& task, const Ending& ending, const LeaseKeeper& keeper,
                          const std::stop_token& stop)
  {
    for (unsigned i = 1; i <= RECORD_TRIES && !keeper.IsLost(); i++)
    {
      try
      {
        ending.record();
        Support::Log::Info(Describe(task) + ": " + ending.words);
        return;
      }
      catch (const std::exception& e)
      {
        Support::Log::Warning(Describe(task) + ": its end cannot be recorded: " + e.what());
      }

      if (i < RECORD_TRIES && WaitForStop(stop, options_.lease / (2 * RECORD_TRIES)))
      {
        break;
      }
    }

    // What it found stands in the archive, where the next attempt finds it.
    Support::Log::Warning(Describe(task) + " (" + ending.words + "): given up, its lease will run out");
  }
}
