// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Runs/RunCheck.h"
#include "Plugin/Runs/RunWorker.h"

#include <memory>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // All that this Orthanc does with runs: judges what is asked for, and has as many workers as runs may run at once.
  // Each worker is an owner of its own in the work store, by which it takes up what it left at a restart: the first has
  // the name of this Orthanc, the others a number behind it. Thread-safe but for Start() and Stop().
  class RunPool
  {
  public:
    // `options`: of each worker, with this Orthanc as the owner. The references must outlive this object.
    RunPool(WorkState::WorkStore& store, const Datasets::DatasetSnapshot& datasets, const Models::ModelCatalog& models,
            const Models::ModelChoice& choice, const RunFolders& folders, const RunWorkerOptions& options);

    RunPool(const RunPool&) = delete;
    RunPool& operator=(const RunPool&) = delete;

    ~RunPool();

    void Start();

    // For good: Check() fails from now on, that of a request which waits for it too, and what runs is queued again.
    void Stop() noexcept;

    // Something was queued or cancelled.
    void Wake() noexcept;

    // As RunCheck::Check().
    void Check(const RunSpec& spec) const;

    // As RunCheck::GetPresets().
    Json::Value GetPresets() const;

    // The run among the archive's own jobs; empty when it is not shown there.
    std::string FindJob(const std::string& runId) const;

  private:
    const RunCheck check_;
    const IRunBoard* const board_;  // may be absent
    std::vector<std::unique_ptr<RunWorker>> workers_;
  };
}
