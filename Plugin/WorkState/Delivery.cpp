// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/Delivery.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <array>
#include <utility>

namespace H3K27M::WorkState
{
  namespace
  {
    constexpr char ASKER_END = '|';  // no UID holds it; DeliveryQueue::Claim() knows it too

    constexpr std::array DELIVERY_STATES{std::pair(DeliveryState::Waiting, std::string_view("waiting")),
                                         std::pair(DeliveryState::Sending, std::string_view("sending")),
                                         std::pair(DeliveryState::Failed, std::string_view("failed")),
                                         std::pair(DeliveryState::Delivered, std::string_view("delivered")),
                                         std::pair(DeliveryState::Confirmed, std::string_view("confirmed")),
                                         std::pair(DeliveryState::Dead, std::string_view("dead")),
                                         std::pair(DeliveryState::Superseded, std::string_view("superseded"))};
  }

  std::string_view ToString(DeliveryState state) noexcept
  {
    for (const auto& [value, name] : DELIVERY_STATES)
    {
      if (value == state)
      {
        return name;
      }
    }

    return "dead";
  }

  DeliveryState ParseDeliveryState(std::string_view text)
  {
    for (const auto& [value, name] : DELIVERY_STATES)
    {
      if (name == text)
      {
        return value;
      }
    }

    throw Error(ErrorCode::BadInput, "A delivery is never '" + std::string(text) +
                                       "', but waiting, sending, failed, delivered, confirmed, dead or superseded");
  }

  void Delivery::End(DeliveryState next, bool pending, Support::UnixMs now)
  {
    state = next;
    isPending = pending;
    leaseOwner.clear();
    leaseEnd = 0;
    updatedAt = now;
  }

  void Delivery::MarkDelivered(Support::UnixMs now)
  {
    reason.clear();
    deliveredAt = now;
    End(DeliveryState::Delivered, false, now);
  }

  std::string Delivery::NameAsker(const std::string& owner)
  {
    return owner + ASKER_END;
  }

  std::string Delivery::GetTransactionUid() const
  {
    const std::size_t end = commitment.rfind(ASKER_END);
    return end == std::string::npos ? commitment : commitment.substr(end + 1);
  }

  void Delivery::AwaitCommitment(const std::string& asked, Support::UnixMs nextLook, Support::UnixMs now)
  {
    if (state != DeliveryState::Delivered)
    {
      deliveredAt = now;
    }

    reason.clear();
    commitment = asked;
    notBefore = nextLook;
    End(DeliveryState::Delivered, true, now);
  }

  void Delivery::Confirm(Support::UnixMs now)
  {
    reason.clear();
    commitment.clear();
    End(DeliveryState::Confirmed, false, now);
  }

  void Delivery::Fail(const std::string& why, bool canRetry, const RetryPolicy& policy, Support::UnixMs now)
  {
    const bool again = canRetry && attempts < policy.maxAttempts;
    reason = why;
    commitment.clear();

    if (again)
    {
      notBefore = now + policy.GetDelay(std::max(attempts, 1u)).count();
    }

    End(again ? DeliveryState::Failed : DeliveryState::Dead, again, now);
  }

  void Delivery::Supersede(const std::string& why, Support::UnixMs now)
  {
    reason = why;
    End(DeliveryState::Superseded, false, now);
  }

  void Delivery::Release(Support::UnixMs now)
  {
    if (state == DeliveryState::Delivered)
    {
      End(DeliveryState::Delivered, true, now);
      return;
    }

    attempts -= std::min(attempts, 1u);
    End(DeliveryState::Waiting, true, now);
  }

  void Delivery::SendAgain(Support::UnixMs now)
  {
    attempts = 0;
    claim++;  // whoever still believes to hold it writes no more
    notBefore = now;
    commitment.clear();
    reason.clear();
    deliveredAt = 0;
    End(DeliveryState::Waiting, true, now);
  }
}
