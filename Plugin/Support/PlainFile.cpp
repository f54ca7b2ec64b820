// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/PlainFile.h"

#include "Inference/Protocol/Error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace H3K27M::Support
{
  PlainFile::~PlainFile()
  {
    if (fd_ >= 0)
    {
      close(fd_);
    }
  }

  std::optional<PlainFile> PlainFile::Open(const std::filesystem::path& path)
  {
    std::error_code fault;
    const std::filesystem::path file = std::filesystem::canonical(path, fault);

    if (fault)
    {
      return std::nullopt;
    }

    // A link that comes into its place only now is not followed, and the other end of a pipe not waited for.
    const int fd = open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
    {
      return std::nullopt;
    }

    PlainFile opened(fd, 0);
    struct stat status = {};

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
    {
      return std::nullopt;
    }

    opened.size_ = static_cast<std::uint64_t>(status.st_size);
    return std::make_optional(std::move(opened));
  }

  std::optional<PlainFile> PlainFile::OpenBelow(const std::filesystem::path& folder, const std::filesystem::path& path)
  {
    std::error_code fault;
    const std::filesystem::path root = std::filesystem::canonical(folder, fault);

    if (fault)
    {
      return std::nullopt;
    }

    // What links and ".." lead to, not what they are called.
    const std::filesystem::path file = std::filesystem::canonical(root / path, fault);

    if (fault || std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first != root.end())
    {
      return std::nullopt;
    }

    return Open(file);
  }

  std::string PlainFile::Read(std::uint64_t offset, std::size_t most) const
  {
    const std::uint64_t left = offset < size_ ? size_ - offset : 0;
    std::string content(static_cast<std::size_t>(std::min<std::uint64_t>(left, most)), '\0');
    std::size_t size = 0;

    while (size < content.size())
    {
      const ssize_t count = pread(fd_, content.data() + size, content.size() - size, static_cast<off_t>(offset + size));

      if (count < 0 && errno != EINTR)
      {
        throw Error(ErrorCode::Unavailable,
                    std::string("A file on the server's disk cannot be read: ") + std::strerror(errno));
      }

      // It was cut meanwhile.
      if (count == 0)
      {
        break;
      }

      size += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    }

    content.resize(size);
    return content;
  }
}
