// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Ranks/RankEnvironment.h"
#include "Training/Ranks/RankSocket.h"

#include <chrono>
#include <cstddef>
#include <span>

namespace H3K27M::Ranks
{
  // The processes of one training in a ring, each connected to the one after and the one before it. The first process
  // listens at MASTER_ADDR and MASTER_PORT until all have come, and tells each where its neighbour is; nothing else is
  // listened to afterwards. No encryption, no password: for a network that one trusts.
  //
  // Own TCP and not Gloo: LibTorch's wheel has the header of ProcessGroupGloo, but none of Gloo's that it includes.
  class RankRing
  {
  public:
    // Waits for all processes. `patience`: how long for them to come, and later how long a neighbour may say nothing.
    // Throws Error(Unavailable) when they do not come, Error(BadInput) when two claim the same rank or sizes differ.
    RankRing(const RankEnvironment& environment, std::chrono::seconds patience);

    // Sends to the next process and receives from the one before, at the same time, so that nobody waits in a circle.
    // All processes call it alike; either part may be empty. Throws Error(Unavailable) naming the neighbour that left
    // or is silent.
    void Exchange(std::span<const std::byte> toNext, std::span<std::byte> fromPrevious) const;

    std::size_t GetRank() const noexcept
    {
      return rank_;
    }

    std::size_t GetSize() const noexcept
    {
      return size_;
    }

  private:
    void JoinAsFirst(const RankEnvironment& environment, RankSocket::Deadline deadline);
    void JoinAsOther(const RankEnvironment& environment, RankSocket::Deadline deadline);
    RankSocket AcceptPrevious(const RankSocket& listener, RankSocket::Deadline deadline) const;

    std::size_t GetNext() const noexcept;
    std::size_t GetPrevious() const noexcept;

    std::size_t rank_;
    std::size_t size_;
    std::chrono::seconds patience_;
    RankSocket next_;
    RankSocket previous_;
  };
}
