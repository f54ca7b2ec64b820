// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Serve/StudyAssembler.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace H3K27M::Serve
{
  // One request that is complete: a study, or the text of a request for a phantom.
  struct Job
  {
    std::string id;
    std::unique_ptr<ReceivedStudy> study;  // null for a phantom
    std::string phantomRequest;
  };

  // Requests that wait for the device, in their order, and the one that it works on. The reader thread adds and
  // cancels, the computing thread takes.
  class JobQueue
  {
  public:
    static constexpr std::size_t CAPACITY = 64;

    struct Load
    {
      std::uint64_t bytes = 0;  // voxels of studies that wait, are computed or are being answered
      std::size_t studies = 0;
    };

    // Throws Error(Busy) when the queue is full, Error(BadInput) when the id is in use.
    void Push(Job job);

    // Waits for a job, which is the running one until Done(); nothing once the queue is closed.
    std::optional<Job> Pop();

    // The running job is about to be answered: its id is free and it can be cancelled no more, but its load counts on.
    void ReleaseId();

    // The memory of the running job is free. Before the end of its answer, or who has it and asks again meets a limit.
    void Done();

    enum class Cancellation
    {
      Unknown,  // no such job: it may have been answered already
      Removed,  // it waited; nobody else will answer it
      Asked     // it runs; the computing thread will answer
    };
    Cancellation Cancel(const std::string& id);

    // Whether the running job should stop: it was cancelled, or nobody listens any more.
    bool IsRunningCancelled();

    // Id of the running job, or empty.
    std::string GetRunning();
    Load GetLoad();

    // Drops what waits and stops what runs.
    void Close();

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    // All guarded by mutex_.
    std::deque<Job> jobs_;
    std::string running_;
    std::uint64_t runningBytes_ = 0;
    bool runningIsStudy_ = false;
    bool runningIsCancelled_ = false;
    bool isClosed_ = false;
  };
}
