// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Delivery/ITransport.h"
#include "Plugin/Settings/DeliverySettings.h"
#include "Plugin/WorkState/WorkStore.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace H3K27M::Delivery
{
  struct SenderOptions
  {
    std::vector<Settings::DeliveryRuleSettings> rules;
    WorkState::RetryPolicy retry;
    std::string owner;        // names this Orthanc in leases; the same after a restart
    bool sharesStore = true;  // with other Orthancs, which may have other rules
    std::chrono::milliseconds lease{60000};
    std::chrono::seconds webhookLimit{10};
    std::chrono::seconds commitmentLimit{86400};
    std::size_t maxAwaited = 75;  // confirmations at once, fewer than the archive remembers; 0: no limit
  };

  // Sends on what the work store holds, one thread for each rule: a receiver that is away holds up its own rule only,
  // and triage never. A delivery that fails waits and is tried again; killed with Orthanc it is sent again, so that a
  // receiver may get the same objects, under the same UIDs, twice. Start and Stop once each; Wake from any thread.
  class DeliverySender
  {
  public:
    // The references must outlive this object.
    DeliverySender(WorkState::WorkStore& store, Archive::IArchive& archive, ITransport& transport,
                   const Support::IClock& clock, SenderOptions options);

    DeliverySender(const DeliverySender&) = delete;
    DeliverySender& operator=(const DeliverySender&) = delete;

    ~DeliverySender();

    // What this Orthanc had in hand when it was killed is taken up at once. What waits for a rule that was removed is
    // given up, where the store is not shared: it would go to whatever bears that name later. Throws
    // Error(Unavailable).
    void Start();

    // What is under way is cancelled and loses no attempt; a webhook ends within its limit of time.
    void Stop() noexcept;

    void Wake() noexcept;

    // Claims one delivery of a rule and sees it through; false when none is due. By the threads, and by tests.
    bool Step(const Settings::DeliveryRuleSettings& rule, const std::stop_token& stop);

  private:
    using Rule = Settings::DeliveryRuleSettings;

    void GiveUpRemovedRules();
    void Run(const Rule& rule, const std::stop_token& stop);
    void Attempt(const Rule& rule, WorkState::Delivery& delivery, const std::stop_token& stop);
    bool IsOfLastResult(const WorkState::Delivery& delivery);
    void Post(const Rule& rule, WorkState::Delivery& delivery);
    void Store(const Rule& rule, WorkState::Delivery& delivery, const std::stop_token& stop);
    void WaitForJob(const std::string& job, const WorkState::Delivery& delivery, const std::stop_token& stop);
    void AskForCommitment(const Rule& rule, WorkState::Delivery& delivery);
    void LookAtCommitment(const Rule& rule, WorkState::Delivery& delivery);
    bool WaitForStop(const std::stop_token& stop, std::chrono::milliseconds limit);
    std::uint64_t GetWakes();

    WorkState::WorkStore& store_;
    Archive::IArchive& archive_;
    ITransport& transport_;
    const Support::IClock& clock_;
    const SenderOptions options_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::uint64_t wakes_ = 0;            // guarded by mutex_
    std::vector<std::jthread> threads_;  // last: joined before what they use goes
  };
}
