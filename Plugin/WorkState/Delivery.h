// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"
#include "Plugin/Support/RetryPolicy.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::WorkState
{
  using Support::RetryPolicy;

  //   Waiting --claim--> Sending --MarkDelivered--> Delivered
  //                        |  `----AwaitCommitment-> Delivered, pending --Confirm--> Confirmed
  //                        |                                            `--Fail----> Failed
  //                        |---Fail----> Failed     (tried again at notBefore: claimed like Waiting)
  //                        |       `---> Dead       (no retry helps, or too many attempts)
  //                        `-Supersede-> Superseded (its objects were replaced or deleted before they could be sent)
  //   the same result made again: to Waiting from Superseded, if never sent, and from every state after a later result
  //   SendAgain (a person): from every state but while it is held, to Waiting
  enum class DeliveryState
  {
    Waiting,
    Sending,
    Failed,
    Delivered,
    Confirmed,
    Dead,
    Superseded
  };

  // "waiting", "sending", ...: the names in the database and in REST.
  std::string_view ToString(DeliveryState state) noexcept;

  // Throws Error(BadInput) naming the text.
  DeliveryState ParseDeliveryState(std::string_view text);

  // What is to be sent on of a result that was just made.
  struct DeliveryOrder
  {
    std::string rule;       // its name in the configuration
    std::string resultKey;  // equal for equal results of the same study
    std::string resultJson;

    bool operator==(const DeliveryOrder&) const = default;
  };

  // One row, as it was when read or claimed. The functions change it as its sender says how it went, free of SQL; the
  // sender writes it back with DeliveryQueue::Update(). No name of a patient.
  struct Delivery
  {
    std::int64_t id = 0;
    std::string studyId;  // Orthanc identifier
    std::string studyInstanceUid;
    std::string rule;
    std::string resultKey;
    std::string resultJson;
    DeliveryState state = DeliveryState::Waiting;
    bool isPending = true;   // something is left to do
    unsigned attempts = 0;   // claims to send since it was queued, or queued again by a person
    std::int64_t claim = 0;  // number of the last claim
    Support::UnixMs notBefore = 0;
    std::string leaseOwner;  // empty when nobody is at it
    Support::UnixMs leaseEnd = 0;
    std::string commitment;  // while a confirmation is awaited: NameAsker() and the transaction's UID
    std::string reason;      // of the last failure, for a person
    Support::UnixMs createdAt = 0;
    Support::UnixMs updatedAt = 0;
    Support::UnixMs deliveredAt = 0;  // 0: not yet

    // The receiver has it; nothing more is asked.
    void MarkDelivered(Support::UnixMs now);

    // How `commitment` begins for the Orthanc that asked: it alone is told the answer, and keeps it in memory.
    static std::string NameAsker(const std::string& owner);

    // The UID in `commitment`, which stands alone in rows of earlier releases. Empty: nobody was asked.
    std::string GetTransactionUid() const;

    // The receiver has it, and is asked whether it keeps it (`asked`, a value of `commitment`): looked at again at
    // `nextLook`.
    void AwaitCommitment(const std::string& asked, Support::UnixMs nextLook, Support::UnixMs now);

    void Confirm(Support::UnixMs now);
    void Fail(const std::string& why, bool canRetry, const RetryPolicy& policy, Support::UnixMs now);
    void Supersede(const std::string& why, Support::UnixMs now);

    // An orderly stop: the attempt does not count.
    void Release(Support::UnixMs now);

    // A person wants it sent once more.
    void SendAgain(Support::UnixMs now);

  private:
    void End(DeliveryState next, bool pending, Support::UnixMs now);
  };

  struct DeliveryQuery
  {
    std::vector<DeliveryState> states;  // empty: all
    std::string studyId;                // empty: all
    std::string rule;                   // empty: all
    std::size_t offset = 0;
    std::size_t limit = 50;  // at most 1000
  };

  struct DeliveryPage
  {
    std::vector<Delivery> deliveries;  // newest first
    std::uint64_t total = 0;           // without offset and limit
  };

  struct DeliveryCounters
  {
    std::map<DeliveryState, std::uint64_t> byState;  // every state is there
    Support::UnixMs oldestUnsent = 0;                // creation of the oldest that waits, is sent or failed; 0: none
  };
}
