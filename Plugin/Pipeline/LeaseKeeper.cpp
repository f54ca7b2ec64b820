// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/LeaseKeeper.h"

#include "Plugin/Support/Log.h"

#include <condition_variable>
#include <exception>
#include <mutex>

namespace H3K27M::Pipeline
{
  LeaseKeeper::LeaseKeeper(WorkState::WorkStore& store, const WorkState::ClaimTicket& ticket,
                           std::chrono::milliseconds lease, Cancellation& cancellation) :
    store_(store),
    ticket_(ticket),
    lease_(lease),
    cancellation_(cancellation),
    thread_([this](const std::stop_token& stop) { Run(stop); })
  {
  }

  void LeaseKeeper::Run(const std::stop_token& stop)
  {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);

    using Clock = std::chrono::steady_clock;
    Clock::time_point renewed = Clock::now();

    // A cancellation should be seen within a second, so a long lease is renewed more often than it needs.
    const auto period = std::min<std::chrono::milliseconds>(lease_ / 3, std::chrono::seconds(1));

    while (!wake.wait_for(lock, stop, period, [&stop] { return stop.stop_requested(); }))
    {
      try
      {
        const Clock::time_point asked = Clock::now();
        const WorkState::LeaseState state = store_.Renew(ticket_, lease_);

        if (state != WorkState::LeaseState::Held)
        {
          lost_ = state == WorkState::LeaseState::Lost;
          cancellation_.Request();
          return;
        }

        renewed = asked;
      }
      catch (const std::exception& e)
      {
        Support::Log::Warning("task " + std::to_string(ticket_.taskId) + ": cannot renew its lease: " + e.what());

        if (Clock::now() - renewed >= lease_)
        {
          lost_ = true;
          cancellation_.Request();
          return;
        }
      }
    }
  }
}
