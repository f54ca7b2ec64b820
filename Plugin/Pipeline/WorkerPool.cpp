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

    std::string Describe(const WorkState::Task& task)
    {
      return "task " + std::to_string(task.id) + " (study " + task.studyId + ")";
    }
  }

  WorkerPool::WorkerPool(WorkState::WorkStore& store, Engine::IInferenceEngine& engine, const StudyTriage& triage,
                         WorkerOptions options) :
    store_(store),
    engine_(engine),
    triage_(triage),
    options_(std::move(options))
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

      for (Cancellation* const cancellation : running_)
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

  void WorkerPool::WaitForWork(const std::stop_token& stop)
  {
    const auto limit = std::chrono::steady_clock::now() + IDLE_LIMIT;
    Support::MutexLock lock(mutex_);
    const std::uint64_t seen = wakes_;

    while (!stop.stop_requested() && wakes_ == seen && lock.WaitUntil(wake_, limit))
    {
    }
  }

  void WorkerPool::Run(const std::stop_token& stop)
  {
    while (!stop.stop_requested())
    {
      try
      {
        if (!engine_.WaitUntilReady(std::chrono::steady_clock::now() + std::chrono::seconds(1)))
        {
          continue;
        }

        if (const std::optional<WorkState::Task> task = store_.Claim(options_.owner, options_.lease))
        {
          Process(*task, stop);
        }
        else
        {
          WaitForWork(stop);
        }
      }
      catch (const std::exception& e)
      {
        Support::Log::Warning(std::string("the work store does not answer: ") + e.what());
        WaitForWork(stop);
      }
    }
  }

  void WorkerPool::Process(const WorkState::Task& task, const std::stop_token& stop)
  {
    Cancellation cancellation;

    {
      const Support::MutexLock lock(mutex_);
      running_.insert(&cancellation);
    }

    // A stop that came between the claim and the line above has not seen this task.
    if (stop.stop_requested())
    {
      cancellation.Request();
    }

    bool interrupted = false;

    {
      const LeaseKeeper keeper(store_, task.GetTicket(), options_.lease, cancellation);

      try
      {
        Attempt(task, cancellation);
      }
      catch (const Error& e)
      {
        interrupted = e.GetCode() == ErrorCode::Cancelled && cancellation.IsRequested();

        if (!interrupted)
        {
          RecordError(task, e.what(), e.CanRetry());
        }
      }
      catch (const std::exception& e)
      {
        // Out of memory, a library's own exception: another attempt may find better times.
        RecordError(task, e.what(), true);
      }
    }

    {
      const Support::MutexLock lock(mutex_);
      running_.erase(&cancellation);
    }

    if (interrupted)
    {
      if (stop.stop_requested())
      {
        store_.Release(task.GetTicket());
      }
      else
      {
        store_.FinishCancelled(task.GetTicket(), "cancelled");
        Support::Log::Info(Describe(task) + ": cancelled");
      }
    }
  }

  void WorkerPool::Attempt(const WorkState::Task& task, Cancellation& cancellation)
  {
    Support::Log::Info(Describe(task) + ": attempt " + std::to_string(task.attempts));
    const TriageOutcome outcome = triage_.Run(task, cancellation);

    switch (outcome.kind)
    {
      case TriageOutcome::Kind::Done:
        store_.Finish(task.GetTicket(), outcome.result);
        Support::Log::Info(Describe(task) + ": done");
        break;

      case TriageOutcome::Kind::Refused:
        store_.Refuse(task.GetTicket(), outcome.reason, outcome.result);
        Support::Log::Info(Describe(task) + ": no series to take");
        break;

      case TriageOutcome::Kind::Gone:
        store_.Forget(task.studyId);
        Support::Log::Info(Describe(task) + ": the study was deleted");
        break;

      case TriageOutcome::Kind::Changed:
        // Marks the running task to be queued again with its new content, which Release() then does.
        store_.Enqueue(outcome.request);
        store_.Release(task.GetTicket());
        Support::Log::Info(Describe(task) + ": " + outcome.reason);
        break;
    }
  }

  void WorkerPool::RecordError(const WorkState::Task& task, const std::string& reason, bool canRetry)
  {
    Support::Log::Warning(Describe(task) + ": " + reason + (canRetry ? " (to be tried again)" : ""));
    store_.Fail(task.GetTicket(), reason, canRetry, options_.retry);
  }
}
