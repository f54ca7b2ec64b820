// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/Delivery.h"
#include "Plugin/WorkState/SociSession.h"

#include <chrono>
#include <optional>
#include <span>
#include <string>

namespace H3K27M::WorkState
{
  class Connections;
  struct Task;

  // All SQL of h3k27m_deliveries: what is to be sent on, and how that went. Every method is one transaction; all may be
  // called from several threads, and by several Orthancs at once. Throws as WorkStore does.
  class DeliveryQueue
  {
  public:
    // The references must outlive this object.
    DeliveryQueue(Connections& connections, const Support::IClock& clock);

    // In the transaction that records the task's result, so that neither is without the other. A result that was
    // ordered by the same rule before stays as it is, but for one that had gone before it was sent, or that a later one
    // has followed.
    static void Add(soci::session& session, const Task& task, std::span<const DeliveryOrder> orders,
                    Support::UnixMs now);

    // Of a study that was deleted.
    static void Remove(soci::session& session, const std::string& studyId);

    // See WorkStore. Return how many wait less now.
    static std::size_t LimitWaits(soci::session& session, Support::UnixMs latest);
    static std::size_t ShortenWaits(soci::session& session, Support::UnixMs by, Support::UnixMs now);

    // The next that is due of a rule: waiting, failed, abandoned by a sender whose lease ended, or awaiting a
    // confirmation; one that another owner asked for only when it was delivered over `commitmentLimit` ago. ONE
    // statement, so that none is handed out twice. Empty when there is nothing to do.
    std::optional<Delivery> Claim(const std::string& rule, const std::string& owner, std::chrono::milliseconds lease,
                                  std::chrono::milliseconds commitmentLimit = std::chrono::hours(24));

    // By the sender that holds the claim; false when it was lost, and then nothing changes. Update() ends the claim.
    bool Renew(const Delivery& delivery, std::chrono::milliseconds lease);
    bool Update(const Delivery& delivery);

    // Confirmations that `owner` asked for and still awaits, without that of the delivery `except`.
    std::size_t CountAwaited(const std::string& owner, std::int64_t except);

    // What `owner` held when it was killed can be claimed again at once. Returns how many.
    std::size_t ReleaseHeld(const std::string& owner);

    // What waits for another rule than these is superseded for this reason; what was delivered only waits no more. For
    // a store that is not shared: another Orthanc may have the rule. Returns how many.
    std::size_t GiveUpOthers(std::span<const std::string> rules, const std::string& reason);

    // Sent again, whatever its state. Throws Error(NotFound), Error(Conflict) while it is being sent.
    Delivery Retry(std::int64_t id);

    std::optional<Delivery> Find(std::int64_t id);

    // Throws Error(BadInput) for a page of more than 1000.
    DeliveryPage List(const DeliveryQuery& query);
    DeliveryCounters Count();

  private:
    Connections& connections_;
    const Support::IClock& clock_;
  };
}
