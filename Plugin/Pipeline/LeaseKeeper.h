// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/WorkState/WorkStore.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace H3K27M::Pipeline
{
  // Renews the lease of one claimed task from a thread of its own, three times per lease and at least once a second (so
  // that a cancellation is seen soon), for as long as it lives; asks the worker to stop when a person cancelled the
  // task or the lease is lost. A database that is away for a
  // moment is no reason to stop; one that is away for longer than the lease is, because another Orthanc that can reach
  // it may have the task by then.
  class LeaseKeeper
  {
  public:
    LeaseKeeper(WorkState::WorkStore& store, const WorkState::ClaimTicket& ticket, std::chrono::milliseconds lease,
                Cancellation& cancellation);

    LeaseKeeper(const LeaseKeeper&) = delete;
    LeaseKeeper& operator=(const LeaseKeeper&) = delete;

    ~LeaseKeeper() = default;

    bool IsLost() const noexcept
    {
      return lost_;
    }

  private:
    void Run(const std::stop_token& stop);

    WorkState::WorkStore& store_;
    WorkState::ClaimTicket ticket_;
    std::chrono::milliseconds lease_;
    Cancellation& cancellation_;
    std::atomic<bool> lost_ = false;
    std::jthread thread_;  // last: joined before what it uses goes
  };
}
