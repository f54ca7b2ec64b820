// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace H3K27M::Support
{
  // A file on disk that somebody else wrote, open for reading. Only a regular one is opened: a pipe would have the
  // reader wait for ever. One thread.
  class PlainFile
  {
  public:
    // Wherever links lead. Nothing when there is no such file, or it cannot be opened.
    static std::optional<PlainFile> Open(const std::filesystem::path& path);

    // `path` below `folder`. Nothing also when links and ".." lead out of the folder: what lies there belongs to
    // somebody else.
    static std::optional<PlainFile> OpenBelow(const std::filesystem::path& folder, const std::filesystem::path& path);

    PlainFile(PlainFile&& other) noexcept :
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_)
    {
    }

    PlainFile(const PlainFile&) = delete;
    PlainFile& operator=(const PlainFile&) = delete;
    PlainFile& operator=(PlainFile&&) = delete;

    ~PlainFile();

    // When it was opened.
    std::uint64_t GetSize() const noexcept
    {
      return size_;
    }

    // At most `most` bytes from `offset` on, fewer where the file ends. Throws Error(Unavailable) when the disk
    // refuses.
    std::string Read(std::uint64_t offset, std::size_t most) const;

  private:
    PlainFile(int fd, std::uint64_t size) noexcept :
      fd_(fd),
      size_(size)
    {
    }

    int fd_;
    std::uint64_t size_;
  };
}
