// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunPool.h"

#include "Plugin/Settings/Settings.h"

#include <algorithm>

namespace H3K27M::Runs
{
  namespace
  {
    // `number`: counted from 1.
    std::string NameOwner(const std::string& server, unsigned number)
    {
      return number == 1 ? server : server + "#" + std::to_string(number);
    }

    RunWorkerOptions MakeWorkerOptions(const RunWorkerOptions& options, unsigned number, unsigned count)
    {
      RunWorkerOptions own = options;
      own.owner = NameOwner(options.owner, number);

      if (number == 1)
      {
        for (unsigned gone = count + 1; gone <= Settings::MAX_TRAININGS; gone++)
        {
          own.formerOwners.push_back(NameOwner(options.owner, gone));
        }
      }

      return own;
    }
  }

  RunPool::RunPool(WorkState::WorkStore& store, const Datasets::DatasetSnapshot& datasets,
                   const Models::ModelCatalog& models, const Models::ModelChoice& choice, const RunFolders& folders,
                   const RunWorkerOptions& options) :
    check_(datasets, models, options.launch),
    board_(options.board)
  {
    const unsigned count = std::max(1u, options.maxRunning);

    for (unsigned number = 1; number <= count; number++)
    {
      workers_.push_back(std::make_unique<RunWorker>(store, datasets, models, choice, folders,
                                                     MakeWorkerOptions(options, number, count)));
    }
  }

  RunPool::~RunPool()
  {
    Stop();
  }

  void RunPool::Start()
  {
    for (const auto& worker : workers_)
    {
      worker->Start();
    }
  }

  void RunPool::Stop() noexcept
  {
    check_.Interrupt();

    // All of them first: each takes a moment to end its engine.
    for (const auto& worker : workers_)
    {
      worker->RequestStop();
    }

    for (const auto& worker : workers_)
    {
      worker->Stop();
    }
  }

  void RunPool::Wake() noexcept
  {
    for (const auto& worker : workers_)
    {
      worker->Wake();
    }
  }

  void RunPool::Check(const RunSpec& spec) const
  {
    check_.Check(spec);
  }

  Json::Value RunPool::GetPresets() const
  {
    return check_.GetPresets();
  }

  std::string RunPool::FindJob(const std::string& runId) const
  {
    return board_ == nullptr ? std::string() : board_->Find(runId);
  }
}
