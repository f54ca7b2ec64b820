// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Runs/IRunBoard.h"
#include "Plugin/Runs/RunFolders.h"
#include "Plugin/WorkState/WorkStore.h"

#include <orthanc/OrthancCPlugin.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace H3K27M::OrthancBinding
{
  // Each run as a job of Orthanc's, with its progress; a job that is cancelled there cancels the run. The job only
  // looks: it holds one of the core's slots (ConcurrentJobs) and no work. It is not kept over a restart, where the run
  // itself goes on and gets another.
  class JobBoard : public Runs::IRunBoard
  {
  public:
    // What the jobs look at must outlive this object; jobs that outlive it look no more and fail.
    JobBoard(OrthancPluginContext* context, WorkState::WorkStore& store, const Runs::RunFolders& folders);

    JobBoard(const JobBoard&) = delete;
    JobBoard& operator=(const JobBoard&) = delete;

    ~JobBoard() override;

    void Show(const std::string& runId) override;
    std::string Find(const std::string& runId) const override;

    // What a path of Orthanc's, "/jobs/ID/cancel", asks for: the run whose job that is, also one of its former jobs,
    // and "cancel". Empty where it is no job of a run.
    struct JobRequest
    {
      std::string runId;
      std::string action;
    };

    JobRequest Parse(const std::string& path) const;

    // Its job is cancelled by the core: a run that is resumed gets another.
    void SetEnded(const std::string& runId);

    // From here on jobs end at their next look.
    void Close() noexcept;

  private:
    class Window;
    class Job;

    OrthancPluginContext* context_;
    std::shared_ptr<Window> window_;  // shared with the jobs, which the core owns
    mutable std::mutex mutex_;
    std::map<std::string, std::string> jobs_;  // the newest of each run; guarded by mutex_
    std::map<std::string, std::string> runs_;  // of each job that there was; guarded by mutex_
  };
}
