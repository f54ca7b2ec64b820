// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Ranks/RankRing.h"

#include "Inference/Protocol/Error.h"

#include <netdb.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace H3K27M::Ranks
{
  namespace
  {
    using Clock = std::chrono::steady_clock;

    constexpr std::array<char, 8> MAGIC{'H', '3', 'K', 'R', 'A', 'N', 'K', '1'};
    constexpr std::chrono::seconds GREETING_PATIENCE(10);  // for one connection: it may be a stranger's

    // What a process says first on each connection.
    struct Greeting
    {
      std::array<char, 8> magic = MAGIC;
      std::uint32_t size = 0;
      std::uint32_t rank = 0;
      std::uint32_t port = 0;  // where it listens for the one before it
    };

    // Where a process finds the next one; an empty address is the master's own, and so is port 0.
    struct Neighbour
    {
      std::array<char, NI_MAXHOST> address{};
      std::uint32_t port = 0;
    };

    template <typename Record>
    void SendRecord(const RankSocket& socket, const Record& record, RankSocket::Deadline deadline)
    {
      socket.Send(std::as_bytes(std::span(&record, 1)), deadline);
    }

    template <typename Record>
    Record ReceiveRecord(const RankSocket& socket, RankSocket::Deadline deadline)
    {
      Record record;
      socket.Receive(std::as_writable_bytes(std::span(&record, 1)), deadline);
      return record;
    }

    struct Guest
    {
      RankSocket socket;
      Greeting greeting;
    };

    // The next process that comes to `listener`; whoever else knocks is sent away.
    Guest Receive(const RankSocket& listener, std::size_t size, RankSocket::Deadline deadline)
    {
      for (;;)
      {
        Guest guest{listener.Accept(deadline), {}};
        try
        {
          guest.greeting = ReceiveRecord<Greeting>(guest.socket, std::min(deadline, Clock::now() + GREETING_PATIENCE));
        }
        catch (const Error&)
        {
          continue;
        }
        if (guest.greeting.magic != MAGIC)
        {
          continue;
        }
        if (guest.greeting.size != size || guest.greeting.rank >= size)
        {
          throw Error(ErrorCode::BadInput, "A process says that it is rank " + std::to_string(guest.greeting.rank) +
                                             " of " + std::to_string(guest.greeting.size) + ", this one is of " +
                                             std::to_string(size));
        }
        return guest;
      }
    }

    std::string ListMissing(const std::vector<Guest>& guests)
    {
      std::string missing;
      for (std::size_t rank = 1; rank < guests.size(); rank++)
      {
        missing += guests[rank].greeting.size == 0 ? " " + std::to_string(rank) : "";
      }
      return missing;
    }
  }

  RankRing::RankRing(const RankEnvironment& environment, std::chrono::seconds patience) :
    rank_(environment.rank),
    size_(environment.size),
    patience_(patience)
  {
    const RankSocket::Deadline deadline = Clock::now() + patience;
    if (rank_ == 0)
    {
      JoinAsFirst(environment, deadline);
    }
    else
    {
      JoinAsOther(environment, deadline);
    }
  }

  std::size_t RankRing::GetNext() const noexcept
  {
    return (rank_ + 1) % size_;
  }

  std::size_t RankRing::GetPrevious() const noexcept
  {
    return (rank_ + size_ - 1) % size_;
  }

  RankSocket RankRing::AcceptPrevious(const RankSocket& listener, RankSocket::Deadline deadline) const
  {
    Guest guest = Receive(listener, size_, deadline);
    if (guest.greeting.rank != GetPrevious())
    {
      throw Error(ErrorCode::BadInput, "A second process says that it is rank " + std::to_string(guest.greeting.rank));
    }
    return std::move(guest.socket);
  }

  void RankRing::JoinAsFirst(const RankEnvironment& environment, RankSocket::Deadline deadline)
  {
    const RankSocket listener = RankSocket::ListenAsMaster(environment.masterAddress, environment.masterPort);
    std::vector<Guest> guests(size_);  // by rank; the first stays empty
    for (std::size_t come = 1; come < size_; come++)
    {
      try
      {
        Guest guest = Receive(listener, size_, deadline);
        Guest& place = guests[guest.greeting.rank];
        if (guest.greeting.rank == 0 || place.greeting.size != 0)
        {
          throw Error(ErrorCode::BadInput,
                      "Two processes say that they are rank " + std::to_string(guest.greeting.rank));
        }
        place = std::move(guest);
      }
      catch (const Error& e)
      {
        if (e.GetCode() != ErrorCode::Unavailable)
        {
          throw;
        }
        throw Error(ErrorCode::Unavailable, "Of the " + std::to_string(size_) +
                                              " processes of the training these have not come in time: rank" +
                                              ListMissing(guests));
      }
    }
    for (std::size_t rank = 1; rank < size_; rank++)
    {
      Neighbour neighbour;
      if (rank + 1 < size_)
      {
        const RankSocket& next = guests[rank + 1].socket;
        const std::string address = next.HasLocalPeer() ? std::string() : next.GetPeerAddress();
        std::copy_n(address.begin(), std::min(address.size(), neighbour.address.size() - 1), neighbour.address.begin());
        neighbour.port = guests[rank + 1].greeting.port;
      }
      SendRecord(guests[rank].socket, neighbour, deadline);
    }
    // See RankSocket::ListenBeside().
    const std::string second = RankSocket::StaysOnThisMachine(environment.masterAddress)
                                 ? environment.masterAddress
                                 : guests[1].socket.GetPeerAddress();
    next_ = RankSocket::Connect(second, static_cast<std::uint16_t>(guests[1].greeting.port), deadline);
    SendRecord(next_, Greeting{MAGIC, static_cast<std::uint32_t>(size_), 0, 0}, deadline);
    previous_ = AcceptPrevious(listener, deadline);
  }

  void RankRing::JoinAsOther(const RankEnvironment& environment, RankSocket::Deadline deadline)
  {
    const RankSocket master = RankSocket::Connect(environment.masterAddress, environment.masterPort, deadline);
    const RankSocket listener = RankSocket::ListenBeside(master, environment.masterAddress);
    Greeting greeting{MAGIC, static_cast<std::uint32_t>(size_), static_cast<std::uint32_t>(rank_), listener.GetPort()};
    Neighbour neighbour;
    try
    {
      SendRecord(master, greeting, deadline);
      neighbour = ReceiveRecord<Neighbour>(master, deadline);
    }
    catch (const Error& e)
    {
      throw Error(ErrorCode::Unavailable,
                  std::string("The process of rank 0 has not brought the processes together: ") + e.what());
    }
    const std::string address = neighbour.address.data();
    const bool isLast = neighbour.port == 0;
    next_ = RankSocket::Connect(address.empty() ? environment.masterAddress : address,
                                isLast ? environment.masterPort : static_cast<std::uint16_t>(neighbour.port), deadline);
    SendRecord(next_, greeting, deadline);
    previous_ = AcceptPrevious(listener, deadline);
  }

  void RankRing::Exchange(std::span<const std::byte> toNext, std::span<std::byte> fromPrevious) const
  {
    auto deadline = Clock::now() + patience_;
    while (!toNext.empty() || !fromPrevious.empty())
    {
      std::array<pollfd, 2> waits{pollfd{toNext.empty() ? -1 : next_.GetDescriptor(), POLLOUT, 0},
                                  pollfd{fromPrevious.empty() ? -1 : previous_.GetDescriptor(), POLLIN, 0}};
      constexpr int LOOK = 1000;  // milliseconds
      poll(waits.data(), waits.size(), LOOK);
      std::size_t moved = 0;
      std::size_t other = GetNext();
      try
      {
        if (waits[0].revents != 0)
        {
          const std::size_t sent = next_.SendSome(toNext);
          toNext = toNext.subspan(sent);
          moved += sent;
        }
        other = GetPrevious();
        if (waits[1].revents != 0)
        {
          const std::size_t received = previous_.ReceiveSome(fromPrevious);
          fromPrevious = fromPrevious.subspan(received);
          moved += received;
        }
      }
      catch (const Error& e)
      {
        throw Error(ErrorCode::Unavailable, "The process of rank " + std::to_string(other) +
                                              " has left the training (" + e.what() + "); what it printed says why");
      }
      if (moved > 0)
      {
        deadline = Clock::now() + patience_;
      }
      else if (Clock::now() > deadline)
      {
        throw Error(ErrorCode::Unavailable, "The process of rank " +
                                              std::to_string(fromPrevious.empty() ? GetNext() : GetPrevious()) +
                                              " has been silent for " + std::to_string(patience_.count()) + " s");
      }
    }
  }
}
