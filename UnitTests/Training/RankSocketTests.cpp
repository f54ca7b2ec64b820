// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Ranks/RankRing.h"
#include "Training/Ranks/RankSocket.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <future>
#include <string>
#include <vector>

namespace H3K27M
{
  namespace
  {
    constexpr const char* DEBIAN_HOSTNAME = "127.0.1.1";  // what /etc/hosts has for the machine's own name
    constexpr std::uint16_t ANY_PORT = 0;

    // A port that was free a moment ago.
    std::uint16_t TakePort()
    {
      return Ranks::RankSocket::ListenAsMaster("127.0.0.1", ANY_PORT).GetPort();
    }

    bool Answers(const std::string& address, std::uint16_t port)
    {
      try
      {
        Ranks::RankSocket::Connect(address, port, std::chrono::steady_clock::now());
        return true;
      }
      catch (const Error&)
      {
        return false;
      }
    }

    TEST(RankSocket, OnlyTheLoopbacksOwnNamesStayOnThisMachine)
    {
      for (const char* own : {"localhost", "127.0.0.1", "::1"})
      {
        EXPECT_TRUE(Ranks::RankSocket::StaysOnThisMachine(own)) << own;
      }
      for (const char* other : {DEBIAN_HOSTNAME, "node-1", "10.0.0.7", "0.0.0.0", ""})
      {
        EXPECT_FALSE(Ranks::RankSocket::StaysOnThisMachine(other)) << other;
      }
    }

    // 127.0.0.2 stands for the address by which other machines know this one.
    TEST(RankSocket, TheMasterIsReachedByOtherAddressesThoughItsNameIsALoopbackOne)
    {
      const auto master = Ranks::RankSocket::ListenAsMaster(DEBIAN_HOSTNAME, ANY_PORT);
      EXPECT_TRUE(Answers(DEBIAN_HOSTNAME, master.GetPort()));
      EXPECT_TRUE(Answers("127.0.0.2", master.GetPort()));
    }

    TEST(RankSocket, TheMasterOfOneMachineIsReachedByItsLoopbackAlone)
    {
      const auto master = Ranks::RankSocket::ListenAsMaster("127.0.0.1", ANY_PORT);
      EXPECT_TRUE(Answers("127.0.0.1", master.GetPort()));
      EXPECT_FALSE(Answers("127.0.0.2", master.GetPort()));
    }

    TEST(RankSocket, AProcessBesideTheMasterIsReachedFromOtherMachinesToo)
    {
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      const auto master = Ranks::RankSocket::ListenAsMaster(DEBIAN_HOSTNAME, ANY_PORT);
      const auto connection = Ranks::RankSocket::Connect(DEBIAN_HOSTNAME, master.GetPort(), deadline);
      EXPECT_TRUE(master.Accept(deadline).HasLocalPeer());
      const auto open = Ranks::RankSocket::ListenBeside(connection, DEBIAN_HOSTNAME);
      EXPECT_TRUE(Answers("127.0.0.2", open.GetPort()));
      const auto closed = Ranks::RankSocket::ListenBeside(connection, "localhost");
      EXPECT_FALSE(Answers("127.0.0.2", closed.GetPort()));
    }

    TEST(RankRing, ClosesWhereTheMastersNameIsALoopbackOne)
    {
      constexpr std::size_t RING_SIZE = 3;
      const std::uint16_t port = TakePort();
      std::vector<std::future<std::byte>> results;
      for (std::size_t rank = 0; rank < RING_SIZE; rank++)
      {
        results.push_back(std::async(std::launch::async, [rank, port]
        {
          const Ranks::RankRing ring({rank, RING_SIZE, DEBIAN_HOSTNAME, port}, std::chrono::seconds(60));
          const std::array own{static_cast<std::byte>(rank)};
          std::array<std::byte, 1> other{};
          ring.Exchange(own, other);
          return other.front();
        }));
      }
      for (std::size_t rank = 0; rank < RING_SIZE; rank++)
      {
        EXPECT_EQ(results[rank].get(), static_cast<std::byte>((rank + RING_SIZE - 1) % RING_SIZE)) << rank;
      }
    }
  }
}
