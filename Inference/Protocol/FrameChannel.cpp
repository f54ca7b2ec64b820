// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/FrameChannel.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Message.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

namespace H3K27M::Protocol
{
  namespace
  {
    constexpr std::size_t LENGTH_BYTES = 4;

    bool IsSocket(int descriptor)
    {
      struct stat info = {};
      return fstat(descriptor, &info) == 0 && S_ISSOCK(info.st_mode);
    }

    [[noreturn]] void FailSystem(const char* what)
    {
      throw Error(ErrorCode::Unavailable, std::string("Protocol: ") + what + ": " + std::strerror(errno));
    }
  }

  FrameChannel::FrameChannel(int descriptor) :
    descriptor_(descriptor),
    isSocket_(IsSocket(descriptor))
  {
    if (descriptor < 0)
    {
      throw Error(ErrorCode::Internal, "Protocol: no descriptor to speak over");
    }
  }

  FrameChannel::~FrameChannel()
  {
    close(descriptor_);
  }

  bool FrameChannel::ReadFully(std::span<std::byte> target)
  {
    std::size_t done = 0;

    while (done < target.size())
    {
      const ssize_t count = read(descriptor_, target.data() + done, target.size() - done);

      if (count > 0)
      {
        done += static_cast<std::size_t>(count);
      }
      else if (count == 0)
      {
        if (done == 0)
        {
          return false;
        }

        throw Error(ErrorCode::Corrupt, "Protocol: the peer ended in the middle of a frame", true);
      }
      else if (errno != EINTR)
      {
        FailSystem("cannot read");
      }
    }

    return true;
  }

  std::optional<std::vector<std::byte>> FrameChannel::Read()
  {
    std::array<std::byte, LENGTH_BYTES> head = {};

    if (!ReadFully(head))
    {
      return std::nullopt;
    }

    std::uint32_t length = 0;

    for (std::size_t i = 0; i < LENGTH_BYTES; i++)
    {
      length |= static_cast<std::uint32_t>(head[i]) << (8 * i);
    }

    if (length == 0 || length > MAX_FRAME_BYTES)
    {
      throw Error(ErrorCode::Corrupt, "Protocol: a frame of " + std::to_string(length) + " bytes (limit " +
                                        std::to_string(MAX_FRAME_BYTES) + ")");
    }

    std::vector<std::byte> frame(length);

    if (!ReadFully(frame))
    {
      throw Error(ErrorCode::Corrupt, "Protocol: the peer ended in the middle of a frame", true);
    }

    return frame;
  }

  void FrameChannel::Write(std::span<const std::byte> frame)
  {
    if (frame.empty() || frame.size() > MAX_FRAME_BYTES)
    {
      throw Error(ErrorCode::Internal,
                  "Protocol: a frame of " + std::to_string(frame.size()) + " bytes cannot be sent");
    }

    std::array<std::byte, LENGTH_BYTES> head = {};

    for (std::size_t i = 0; i < LENGTH_BYTES; i++)
    {
      head[i] = static_cast<std::byte>((frame.size() >> (8 * i)) & 0xff);
    }

    WriteFully(head, frame);
  }

  void FrameChannel::WriteFully(std::span<const std::byte> head, std::span<const std::byte> body)
  {
    while (!head.empty() || !body.empty())
    {
      // The kernel does not write through these pointers; iovec predates const.
      std::array<iovec, 2> parts = {
        {{const_cast<std::byte*>(head.data()), head.size()}, {const_cast<std::byte*>(body.data()), body.size()}}};

      msghdr message = {};
      message.msg_iov = parts.data();
      message.msg_iovlen = parts.size();

      const ssize_t count = isSocket_ ? sendmsg(descriptor_, &message, MSG_NOSIGNAL)
                                      : writev(descriptor_, parts.data(), static_cast<int>(parts.size()));

      if (count < 0)
      {
        if (errno == EINTR)
        {
          continue;
        }

        FailSystem("cannot write");
      }

      auto written = static_cast<std::size_t>(count);
      const std::size_t fromHead = std::min(written, head.size());
      head = head.subspan(fromHead);
      body = body.subspan(written - fromHead);
    }
  }

  void FrameChannel::Shutdown() noexcept
  {
    if (isSocket_)
    {
      shutdown(descriptor_, SHUT_RDWR);
    }
  }
}
