// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Ranks/RankRing.h"
#include "Training/Ranks/RankSocket.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <chrono>
#include <future>
#include <string>
#include <vector>

namespace H3K27M
{
  namespace
  {
    constexpr std::uint16_t ANY_PORT = 0;

    // What this machine calls itself: often a name of the loopback on it (127.0.1.1 in Debian's /etc/hosts) and of
    // another address elsewhere. "" where the name stands for nothing.
    std::string GetOwnName()
    {
      std::array<char, 256> name{};
      if (gethostname(name.data(), name.size() - 1) != 0 || Ranks::RankSocket::StaysOnThisMachine(name.data()))
      {
        return "";
      }
      try
      {
        Ranks::RankSocket::ListenAsMaster(name.data(), ANY_PORT);
        return name.data();
      }
      catch (const Error&)
      {
        return "";
      }
    }

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

    TEST(RankSocket, OnlyTheLoopbacksOwnNamesAndNumbersStayOnThisMachine)
    {
      for (const char* own :
           {"localhost", "LocalHost", "ip6-localhost", "127.0.0.1", "127.0.0.2", "127.1", "::1", "::ffff:127.0.0.1"})
      {
        EXPECT_TRUE(Ranks::RankSocket::StaysOnThisMachine(own)) << own;
      }
      for (const char* other : {"node-1", "localhost.example.org", "10.0.0.7", "128.0.0.1", "0.0.0.0", "::2", ""})
      {
        EXPECT_FALSE(Ranks::RankSocket::StaysOnThisMachine(other)) << other;
      }
    }

    // 127.0.0.2 stands for the address by which other machines know this one.
    TEST(RankSocket, TheMasterIsReachedByOtherAddressesThoughItsNameIsALoopbackOne)
    {
      const std::string name = GetOwnName();
      if (name.empty())
      {
        GTEST_SKIP() << "this machine's own name stands for no address";
      }
      const auto master = Ranks::RankSocket::ListenAsMaster(name, ANY_PORT);
      EXPECT_TRUE(Answers(name, master.GetPort()));
      EXPECT_TRUE(Answers("127.0.0.2", master.GetPort()));
    }

    TEST(RankSocket, TheMasterOfOneMachineIsReachedByItsOwnNumberOfTheLoopbackAlone)
    {
      const auto first = Ranks::RankSocket::ListenAsMaster("127.0.0.1", ANY_PORT);
      EXPECT_TRUE(Answers("127.0.0.1", first.GetPort()));
      EXPECT_FALSE(Answers("127.0.0.2", first.GetPort()));
      const auto second = Ranks::RankSocket::ListenAsMaster("127.0.0.2", ANY_PORT);
      EXPECT_TRUE(Answers("127.0.0.2", second.GetPort()));
      EXPECT_FALSE(Answers("127.0.0.1", second.GetPort()));
    }

    TEST(RankSocket, AProcessBesideTheMasterIsReachedFromOtherMachinesToo)
    {
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      const auto master = Ranks::RankSocket::ListenAsMaster("127.0.0.1", ANY_PORT);
      const auto connection = Ranks::RankSocket::Connect("127.0.0.1", master.GetPort(), deadline);
      const auto accepted = master.Accept(deadline);
      EXPECT_TRUE(accepted.HasLocalPeer());
      const auto open = Ranks::RankSocket::ListenBeside(connection, "node-1");
      EXPECT_TRUE(Answers("127.0.0.2", open.GetPort()));
      const auto closed = Ranks::RankSocket::ListenBeside(connection, "localhost");
      EXPECT_TRUE(Answers("127.0.0.1", closed.GetPort()));
      EXPECT_FALSE(Answers("127.0.0.2", closed.GetPort()));
    }

    // Three processes that meet there have what the one before them sends.
    void ExpectRing(const std::string& masterAddress)
    {
      constexpr std::size_t RING_SIZE = 3;
      const std::uint16_t port = TakePort();
      std::vector<std::future<std::byte>> results;
      for (std::size_t rank = 0; rank < RING_SIZE; rank++)
      {
        results.push_back(std::async(std::launch::async, [rank, port, &masterAddress]
        {
          const Ranks::RankRing ring({rank, RING_SIZE, masterAddress, port}, std::chrono::seconds(60));
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

    TEST(RankRing, ClosesWhereTheMastersNameIsALoopbackOne)
    {
      const std::string name = GetOwnName();
      if (name.empty())
      {
        GTEST_SKIP() << "this machine's own name stands for no address";
      }
      ExpectRing(name);
    }

    TEST(RankRing, ClosesAtAnotherNumberOfTheLoopback)
    {
      ExpectRing("127.0.0.2");
    }
  }
}
