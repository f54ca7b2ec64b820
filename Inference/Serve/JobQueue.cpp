// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Serve/JobQueue.h"

#include <algorithm>
#include <utility>

namespace H3K27M::Serve
{
  namespace
  {
    std::uint64_t GetBytes(const Job& job)
    {
      return job.study ? job.study->request.GetVoxelCount() * sizeof(float) : 0;
    }
  }

  void JobQueue::Push(Job job)
  {
    const std::lock_guard lock(mutex_);
    const bool isInUse = running_ == job.id || std::any_of(jobs_.begin(), jobs_.end(),
                                                           [&job](const Job& other) { return other.id == job.id; });
    if (job.id.empty() || isInUse)
    {
      throw Error(ErrorCode::BadInput, "The request's id is empty or in use");
    }
    if (jobs_.size() >= CAPACITY)
    {
      throw Error(ErrorCode::Busy, "The engine's queue is full");
    }
    jobs_.push_back(std::move(job));
    changed_.notify_all();
  }

  std::optional<Job> JobQueue::Pop()
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return isClosed_ || !jobs_.empty(); });
    if (isClosed_)
    {
      return std::nullopt;
    }
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    running_ = job.id;
    runningBytes_ = GetBytes(job);
    runningIsStudy_ = job.study != nullptr;
    runningIsCancelled_ = false;
    return job;
  }

  void JobQueue::ReleaseId()
  {
    const std::lock_guard lock(mutex_);
    running_.clear();
  }

  void JobQueue::Done()
  {
    const std::lock_guard lock(mutex_);
    running_.clear();
    runningBytes_ = 0;
    runningIsStudy_ = false;
  }

  JobQueue::Cancellation JobQueue::Cancel(const std::string& id)
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(jobs_.begin(), jobs_.end(), [&id](const Job& job) { return job.id == id; });
    if (found != jobs_.end())
    {
      jobs_.erase(found);
      return Cancellation::Removed;
    }
    if (id.empty() || running_ != id)
    {
      return Cancellation::Unknown;
    }
    runningIsCancelled_ = true;
    return Cancellation::Asked;
  }

  bool JobQueue::IsRunningCancelled()
  {
    const std::lock_guard lock(mutex_);
    return isClosed_ || runningIsCancelled_;
  }

  std::string JobQueue::GetRunning()
  {
    const std::lock_guard lock(mutex_);
    return running_;
  }

  JobQueue::Load JobQueue::GetLoad()
  {
    const std::lock_guard lock(mutex_);
    Load load{runningBytes_, runningIsStudy_ ? std::size_t{1} : 0};
    for (const Job& job : jobs_)
    {
      load.bytes += GetBytes(job);
      load.studies += job.study ? 1 : 0;
    }
    return load;
  }

  void JobQueue::Close()
  {
    const std::lock_guard lock(mutex_);
    isClosed_ = true;
    jobs_.clear();
    changed_.notify_all();
  }
}
