// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Ranks/RankSocket.h"

#include "Inference/Protocol/Error.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>

namespace H3K27M::Ranks
{
  namespace
  {
    constexpr std::chrono::milliseconds RETRY_PAUSE(200);

    // In the /etc/hosts of Debian and of Red Hat.
    constexpr std::array LOOPBACK_NAMES{"localhost",  "localhost.localdomain", "localhost4",
                                        "localhost6", "ip6-localhost",         "ip6-loopback"};

    using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

    [[noreturn]] void Fail(const std::string& what, int error)
    {
      throw Error(ErrorCode::Unavailable, what + ": " + std::strerror(error));
    }

    AddressList Resolve(const std::string& address, std::uint16_t port)
    {
      addrinfo hints{};
      hints.ai_family = AF_UNSPEC;
      hints.ai_socktype = SOCK_STREAM;
      addrinfo* found = nullptr;
      const int error = getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
      if (error != 0)
      {
        throw Error(ErrorCode::Unavailable, "The address " + address + " is not known: " + gai_strerror(error));
      }
      return {found, &freeaddrinfo};
    }

    bool IsLoopback(const sockaddr& address)
    {
      if (address.sa_family == AF_INET)
      {
        constexpr std::uint32_t NETWORK = 127U << 24U;
        constexpr std::uint32_t MASK = 255U << 24U;
        sockaddr_in own{};
        std::memcpy(&own, &address, sizeof(own));
        return (ntohl(own.sin_addr.s_addr) & MASK) == NETWORK;
      }
      constexpr std::size_t FIRST_MAPPED = 12;  // of the four bytes of an IPv4 address
      sockaddr_in6 own{};
      std::memcpy(&own, &address, sizeof(own));
      return IN6_IS_ADDR_LOOPBACK(&own.sin6_addr) ||
             (IN6_IS_ADDR_V4MAPPED(&own.sin6_addr) && own.sin6_addr.s6_addr[FIRST_MAPPED] == 127);
    }

    // Nobody is asked what a name stands for.
    bool IsNumberOfLoopback(const std::string& address)
    {
      addrinfo hints{};
      hints.ai_family = AF_UNSPEC;
      hints.ai_flags = AI_NUMERICHOST;
      addrinfo* found = nullptr;
      if (getaddrinfo(address.c_str(), nullptr, &hints, &found) != 0)
      {
        return false;
      }
      const AddressList list(found, &freeaddrinfo);
      return IsLoopback(*list->ai_addr);
    }

    // The same family and port, any address.
    sockaddr_storage MakeOpen(const sockaddr& address, std::uint16_t port)
    {
      sockaddr_storage open{};
      open.ss_family = address.sa_family;
      if (address.sa_family == AF_INET)
      {
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_port = htons(port);
        own.sin_addr.s_addr = htonl(INADDR_ANY);
        std::memcpy(&open, &own, sizeof(own));
      }
      else
      {
        sockaddr_in6 own{};
        own.sin6_family = AF_INET6;
        own.sin6_port = htons(port);
        own.sin6_addr = in6addr_any;
        std::memcpy(&open, &own, sizeof(own));
      }
      return open;
    }

    int Open(int family)
    {
      const int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (descriptor < 0)
      {
        Fail("No socket can be made", errno);
      }
      return descriptor;
    }

    void Bind(int descriptor, const sockaddr_storage& address, socklen_t length, const std::string& name)
    {
      constexpr int BACKLOG = 128;
      const int yes = 1;
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
      if (bind(descriptor, reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
          listen(descriptor, BACKLOG) != 0)
      {
        Fail("Cannot listen at " + name, errno);
      }
    }

    // Small messages go at once, and a machine that is gone without a word is noticed.
    void Prepare(int descriptor)
    {
      const int yes = 1;
      setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
      setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
      fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    }

    bool IsTransient(int error)
    {
      return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
    }
  }

  RankSocket::RankSocket(RankSocket&& other) noexcept :
    descriptor_(std::exchange(other.descriptor_, -1))
  {
  }

  RankSocket& RankSocket::operator=(RankSocket&& other) noexcept
  {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  RankSocket::~RankSocket()
  {
    if (descriptor_ >= 0)
    {
      close(descriptor_);
    }
  }

  bool RankSocket::StaysOnThisMachine(const std::string& address)
  {
    return IsNumberOfLoopback(address) ||
           std::any_of(LOOPBACK_NAMES.begin(), LOOPBACK_NAMES.end(),
                       [&address](const char* name) { return strcasecmp(address.c_str(), name) == 0; });
  }

  RankSocket RankSocket::ListenAsMaster(const std::string& address, std::uint16_t port)
  {
    const AddressList list = Resolve(address, port);
    RankSocket listener(Open(list->ai_family));
    sockaddr_storage own{};
    std::memcpy(&own, list->ai_addr, list->ai_addrlen);
    Bind(listener.descriptor_, StaysOnThisMachine(address) ? own : MakeOpen(*list->ai_addr, port), list->ai_addrlen,
         address + ", port " + std::to_string(port));
    return listener;
  }

  RankSocket RankSocket::ListenBeside(const RankSocket& connection, const std::string& masterAddress)
  {
    const bool staysHere = StaysOnThisMachine(masterAddress);
    sockaddr_storage own{};
    socklen_t length = sizeof(own);
    auto* const address = reinterpret_cast<sockaddr*>(&own);
    // To a master at 127.0.0.2 one comes from 127.0.0.1, but the neighbour will look at the master's address.
    if ((staysHere ? getpeername(connection.descriptor_, address, &length)
                   : getsockname(connection.descriptor_, address, &length)) != 0)
    {
      Fail("The connection has no address", errno);
    }
    if (!staysHere && IsLoopback(*address))
    {
      own = MakeOpen(*address, 0);
    }
    // The port lies at the same place in both families.
    reinterpret_cast<sockaddr_in*>(&own)->sin_port = 0;
    RankSocket listener(Open(own.ss_family));
    Bind(listener.descriptor_, own, length, "a free port");
    return listener;
  }

  std::optional<RankSocket> RankSocket::TryOnce(const std::string& address, std::uint16_t port, std::string& reason)
  {
    const AddressList list = Resolve(address, port);
    for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next)
    {
      RankSocket made(Open(entry->ai_family));
      const timeval patience{10, 0};  // seconds; an address that swallows what it gets is tried again
      setsockopt(made.descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
      if (connect(made.descriptor_, entry->ai_addr, entry->ai_addrlen) == 0)
      {
        Prepare(made.descriptor_);
        return made;
      }
      reason = std::strerror(errno);
    }
    return std::nullopt;
  }

  RankSocket RankSocket::Connect(const std::string& address, std::uint16_t port, Deadline deadline)
  {
    for (;;)
    {
      std::string reason = "not tried";
      try
      {
        if (std::optional<RankSocket> made = TryOnce(address, port, reason))
        {
          return std::move(*made);
        }
      }
      catch (const Error& e)
      {
        reason = e.what();  // the name may be known later: a pod's is once it runs
      }
      if (std::chrono::steady_clock::now() + RETRY_PAUSE > deadline)
      {
        throw Error(
          ErrorCode::Unavailable,
          std::string("Cannot reach ").append(address).append(", port ").append(std::to_string(port)).append(": ") +
            reason);
      }
      std::this_thread::sleep_for(RETRY_PAUSE);
    }
  }

  RankSocket RankSocket::Accept(Deadline deadline) const
  {
    for (;;)
    {
      WaitFor(POLLIN, deadline);
      RankSocket made(accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC));
      if (made.descriptor_ >= 0)
      {
        Prepare(made.descriptor_);
        return made;
      }
      if (!IsTransient(errno) && errno != ECONNABORTED)
      {
        Fail("Cannot accept a connection", errno);
      }
    }
  }

  void RankSocket::WaitFor(short events, Deadline deadline) const
  {
    for (;;)
    {
      const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
      pollfd entry{descriptor_, events, 0};
      const int ready = left > 0 ? poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 60000))) : 0;
      if (ready > 0)
      {
        return;
      }
      if (left <= 0)
      {
        throw Error(ErrorCode::Unavailable, "no answer in time");
      }
      if (ready < 0 && errno != EINTR)
      {
        Fail("Cannot wait for a connection", errno);
      }
    }
  }

  std::size_t RankSocket::SendSome(std::span<const std::byte> bytes) const
  {
    const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && !IsTransient(errno))
    {
      Fail("the connection broke", errno);
    }
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

  std::size_t RankSocket::ReceiveSome(std::span<std::byte> bytes) const
  {
    const ssize_t received = recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (received == 0)
    {
      throw Error(ErrorCode::Unavailable, "it closed the connection");
    }
    if (received < 0 && !IsTransient(errno))
    {
      Fail("the connection broke", errno);
    }
    return received < 0 ? 0 : static_cast<std::size_t>(received);
  }

  void RankSocket::Send(std::span<const std::byte> bytes, Deadline deadline) const
  {
    while (!bytes.empty())
    {
      WaitFor(POLLOUT, deadline);
      bytes = bytes.subspan(SendSome(bytes));
    }
  }

  void RankSocket::Receive(std::span<std::byte> bytes, Deadline deadline) const
  {
    while (!bytes.empty())
    {
      WaitFor(POLLIN, deadline);
      bytes = bytes.subspan(ReceiveSome(bytes));
    }
  }

  std::uint16_t RankSocket::GetPort() const
  {
    sockaddr_storage own{};
    socklen_t length = sizeof(own);
    if (getsockname(descriptor_, reinterpret_cast<sockaddr*>(&own), &length) != 0)
    {
      Fail("The socket has no address", errno);
    }
    return ntohs(reinterpret_cast<const sockaddr_in*>(&own)->sin_port);
  }

  std::string RankSocket::GetPeerAddress() const
  {
    sockaddr_storage peer{};
    socklen_t length = sizeof(peer);
    char name[NI_MAXHOST];
    if (getpeername(descriptor_, reinterpret_cast<sockaddr*>(&peer), &length) != 0 ||
        getnameinfo(reinterpret_cast<const sockaddr*>(&peer), length, name, sizeof(name), nullptr, 0, NI_NUMERICHOST) !=
          0)
    {
      Fail("The other side has no address", errno);
    }
    return name;
  }

  bool RankSocket::HasLocalPeer() const
  {
    sockaddr_storage peer{};
    socklen_t length = sizeof(peer);
    if (getpeername(descriptor_, reinterpret_cast<sockaddr*>(&peer), &length) != 0)
    {
      Fail("The other side has no address", errno);
    }
    return IsLoopback(*reinterpret_cast<const sockaddr*>(&peer));
  }
}
