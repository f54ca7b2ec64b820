// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace H3K27M::Ranks
{
  // A TCP socket between processes of one training; closed with the object. All throw Error(Unavailable) with the
  // cause.
  class RankSocket
  {
  public:
    using Deadline = std::chrono::steady_clock::time_point;

    RankSocket() = default;
    RankSocket(RankSocket&& other) noexcept;
    RankSocket& operator=(RankSocket&& other) noexcept;
    RankSocket(const RankSocket&) = delete;
    RankSocket& operator=(const RankSocket&) = delete;
    ~RankSocket();

    // Whether processes of one machine alone can mean this address: a number of the loopback, or a name that it has
    // everywhere. By its text: what a machine's own name stands for there (127.0.1.1 in Debian's /etc/hosts) says
    // nothing of where the others are.
    static bool StaysOnThisMachine(const std::string& address);

    // On the address itself where it stays on this machine; else on all of its family, because a machine's own name
    // often stands for another address there than elsewhere.
    static RankSocket ListenAsMaster(const std::string& address, std::uint16_t port);

    // At a port that is free. On the master's own address where `masterAddress` stays on this machine; else on that
    // which `connection`, which leads to the master, has on this side, or on all of its family where that is the
    // loopback, because processes may come from other machines.
    static RankSocket ListenBeside(const RankSocket& connection, const std::string& masterAddress);

    // Tries again until the deadline: the other side may start later.
    static RankSocket Connect(const std::string& address, std::uint16_t port, Deadline deadline);

    RankSocket Accept(Deadline deadline) const;

    // The whole of it, or Error(Unavailable).
    void Send(std::span<const std::byte> bytes, Deadline deadline) const;
    void Receive(std::span<std::byte> bytes, Deadline deadline) const;

    // As much as goes at once, perhaps nothing.
    std::size_t SendSome(std::span<const std::byte> bytes) const;
    std::size_t ReceiveSome(std::span<std::byte> bytes) const;

    std::uint16_t GetPort() const;
    std::string GetPeerAddress() const;

    // Whether the other side came over the loopback: it is on this machine, and its address means nothing elsewhere.
    bool HasLocalPeer() const;

    int GetDescriptor() const noexcept
    {
      return descriptor_;
    }

  private:
    explicit RankSocket(int descriptor) noexcept :
      descriptor_(descriptor)
    {
    }

    // At each address that the name has. Empty, with the reason, when none answers; Error when the name is not known.
    static std::optional<RankSocket> TryOnce(const std::string& address, std::uint16_t port, std::string& reason);

    void WaitFor(short events, Deadline deadline) const;

    int descriptor_ = -1;
  };
}
