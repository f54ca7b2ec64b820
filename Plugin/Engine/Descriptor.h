// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <unistd.h>

#include <utility>

namespace H3K27M::Engine
{
  // Owns a file descriptor.
  class Descriptor
  {
  public:
    Descriptor() = default;

    explicit Descriptor(int fd) noexcept :
      fd_(fd)
    {
    }

    Descriptor(Descriptor&& other) noexcept :
      fd_(std::exchange(other.fd_, -1))
    {
    }

    Descriptor& operator=(Descriptor&& other) noexcept
    {
      std::swap(fd_, other.fd_);
      return *this;
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    ~Descriptor()
    {
      Close();
    }

    int Get() const noexcept
    {
      return fd_;
    }

    int Release() noexcept
    {
      return std::exchange(fd_, -1);
    }

    void Close() noexcept
    {
      if (fd_ >= 0)
      {
        close(Release());
      }
    }

  private:
    int fd_ = -1;
  };
}
