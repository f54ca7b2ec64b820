// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/AtomicFile.h"

#include "Inference/Protocol/Error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace H3K27M::Protocol
{
  namespace
  {
    // After the file's own name; mkostemp() puts other letters in the place of the last.
    constexpr std::string_view ENDING = ".unfinished-XXXXXX";
    constexpr std::string_view MARK = ENDING.substr(0, ENDING.find('X'));

    [[noreturn]] void Fail(const std::filesystem::path& path, int error)
    {
      throw Error(ErrorCode::Unavailable, "Cannot write " + path.string() + ": " + std::strerror(error));
    }

    // What new files may be, by this process's umask. Read from the kernel: umask() itself answers only by setting
    // another one, with which other threads would make their files.
    mode_t GetMode()
    {
      constexpr std::string_view NAME = "Umask:";
      std::ifstream status("/proc/self/status");
      std::string line;
      unsigned long mask = 0077;  // where the kernel does not say: mkostemp's own

      while (std::getline(status, line))
      {
        if (line.starts_with(NAME))
        {
          mask = std::strtoul(line.c_str() + NAME.size(), nullptr, 8);
          break;
        }
      }

      return static_cast<mode_t>(0666UL & ~mask);
    }

    // Unlinks its file unless it was renamed into place.
    class TemporaryFile
    {
    public:
      explicit TemporaryFile(const std::filesystem::path& target) :
        path_(target.string().append(ENDING)),
        fd_(mkostemp(path_.data(), O_CLOEXEC))
      {
        if (fd_ < 0)
        {
          Fail(target, errno);
        }
      }

      TemporaryFile(const TemporaryFile&) = delete;
      TemporaryFile& operator=(const TemporaryFile&) = delete;

      ~TemporaryFile()
      {
        if (fd_ >= 0)
        {
          close(fd_);
        }

        if (!path_.empty())
        {
          unlink(path_.c_str());
        }
      }

      void Write(std::span<const std::byte> content)
      {
        while (!content.empty())
        {
          const ssize_t written = write(fd_, content.data(), content.size());

          if (written < 0)
          {
            if (errno == EINTR)
            {
              continue;
            }

            Fail(path_, errno);
          }

          content = content.subspan(static_cast<std::size_t>(written));
        }

        // mkostemp() makes files that only the owner reads; models and results are as readable as other files.
        if (fchmod(fd_, GetMode()) != 0)
        {
          Fail(path_, errno);
        }
      }

      void Sync()
      {
        if (fsync(fd_) != 0)
        {
          Fail(path_, errno);
        }
      }

      void RenameTo(const std::filesystem::path& target)
      {
        const int fd = fd_;
        fd_ = -1;

        if (close(fd) != 0 || rename(path_.c_str(), target.c_str()) != 0)
        {
          Fail(target, errno);
        }

        path_.clear();
      }

    private:
      std::string path_;
      int fd_;
    };
  }

  void SyncFolder(const std::filesystem::path& folder)
  {
    const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0)
    {
      // Some network file systems refuse to sync a folder; the file itself is safe by then.
      static_cast<void>(fsync(fd));
      close(fd);
    }
  }

  bool IsUnfinished(std::string_view fileName)
  {
    return fileName.size() > ENDING.size() && fileName.substr(fileName.size() - ENDING.size()).starts_with(MARK);
  }

  void RemoveUnfinished(const std::filesystem::path& folder, std::initializer_list<std::string_view> names,
                        std::chrono::seconds age)
  {
    const auto latest = std::filesystem::file_time_type::clock::now() - age;
    std::vector<std::filesystem::path> found;
    std::error_code fault;

    for (std::filesystem::directory_iterator item(folder, fault), end; !fault && item != end; item.increment(fault))
    {
      std::error_code unknown;
      const std::string own = item->path().filename().string();
      const auto isOf = [&own](std::string_view name)
      { return own.size() == name.size() + ENDING.size() && own.starts_with(name); };

      if (IsUnfinished(own) && std::any_of(names.begin(), names.end(), isOf) &&
          item->last_write_time(unknown) <= latest && !unknown)
      {
        found.push_back(item->path());
      }
    }

    for (const std::filesystem::path& path : found)
    {
      std::filesystem::remove(path, fault);
    }
  }

  void WriteFileAtomically(const std::filesystem::path& path, std::span<const std::byte> content, Durability durability)
  {
    TemporaryFile temporary(path);
    temporary.Write(content);

    if (durability == Durability::Lasting)
    {
      temporary.Sync();
    }

    temporary.RenameTo(path);

    if (durability == Durability::Lasting)
    {
      SyncFolder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
    }
  }
}
