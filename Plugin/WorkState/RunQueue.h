// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/Run.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::WorkState
{
  class Connections;

  // The runs of the engine that wait, run and have run. Every method is one transaction; all may be called from several
  // threads. What takes an owner does nothing, and says so, when the run is not the owner's any more. Throws as
  // WorkStore does.
  class RunQueue
  {
  public:
    enum class Cancellation
    {
      Asked,        // now, by this call
      AskedBefore,  // the run's worker knows, or will
      Over          // there is no such run, or it has ended
    };

    // The references must outlive this object.
    RunQueue(Connections& connections, const Support::IClock& clock);

    void Insert(const Run& run);  // queued; its time is set here
    std::optional<Run> Find(const std::string& id);
    std::vector<Run> List(const RunQuery& query);     // newest first
    std::uint64_t Count(const RunQuery& query = {});  // on all pages

    // The oldest queued run, when fewer than `maxRunning` run anywhere. No run is handed out twice.
    std::optional<Run> Claim(const std::string& owner, std::chrono::milliseconds lease, unsigned maxRunning);

    // Whether it is to be cancelled; empty when it was lost. IsCancelling() only looks, and may be asked often.
    std::optional<bool> Renew(const std::string& id, const std::string& owner, std::chrono::milliseconds lease);
    std::optional<bool> IsCancelling(const std::string& id, const std::string& owner);
    bool SetDataset(const std::string& id, const std::string& owner, const std::string& datasetId);
    bool Finish(const std::string& id, const std::string& owner, RunState state, const std::string& reason,
                const std::string& resultJson);

    // The attempt failed: queued again, to go on from its last checkpoint.
    bool TryAgain(const std::string& id, const std::string& owner, const std::string& reason);

    // Orderly stop: the same, and the attempt does not count.
    bool Release(const std::string& id, const std::string& owner, const std::string& reason);

    // Queued: cancelled at once; running: marked for its worker.
    Cancellation Cancel(const std::string& id);

    // Failed or cancelled: queued again, with all its attempts. False when it is in another state.
    bool Requeue(const std::string& id);

    // Running, and its lease is over, or it is `owner`'s from before a restart: queued again. Returns how many.
    std::size_t Recover(const std::string& owner);

  private:
    Connections& connections_;
    const Support::IClock& clock_;
  };
}
