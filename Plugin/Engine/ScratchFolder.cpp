// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/ScratchFolder.h"

#include "Inference/Protocol/Error.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

namespace H3K27M::Engine
{
  namespace
  {
    constexpr const char* PREFIX = "orthanc-h3k27m-";
    constexpr int MAX_ATTEMPTS = 10;

    // Empty when somebody else holds the lock, or the folder is not ours (a link that somebody put there, above all).
    Descriptor LockFolder(const std::filesystem::path& path)
    {
      Descriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      struct stat status = {};

      if (folder.Get() < 0 || fstat(folder.Get(), &status) != 0 || status.st_uid != geteuid() ||
          flock(folder.Get(), LOCK_EX | LOCK_NB) != 0)
      {
        return Descriptor();
      }

      return folder;
    }

    // Between its making and its locking another process may have taken the folder for an abandoned one.
    bool IsStillThere(const std::filesystem::path& path, const Descriptor& folder)
    {
      struct stat byName = {};
      struct stat byDescriptor = {};
      return folder.Get() >= 0 && lstat(path.c_str(), &byName) == 0 && fstat(folder.Get(), &byDescriptor) == 0 &&
             byName.st_ino == byDescriptor.st_ino && byName.st_dev == byDescriptor.st_dev;
    }

    // Locked while it is removed, or two processes would do it at once.
    void RemoveIfAbandoned(const std::filesystem::path& path)
    {
      if (const Descriptor lock = LockFolder(path); lock.Get() >= 0)
      {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
      }
    }

    void RemoveAbandoned(const std::filesystem::path& parent)
    {
      std::error_code error;
      const std::filesystem::directory_iterator end;

      for (std::filesystem::directory_iterator entry(parent, error); !error && entry != end; entry.increment(error))
      {
        if (entry->path().filename().string().starts_with(PREFIX))
        {
          RemoveIfAbandoned(entry->path());
        }
      }
    }
  }

  ScratchFolder::ScratchFolder(const std::filesystem::path& parent)
  {
    RemoveAbandoned(parent);

    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
      std::string name = (parent / (std::string(PREFIX) + "XXXXXX")).string();

      if (mkdtemp(name.data()) == nullptr)
      {
        throw Error(ErrorCode::Unavailable, "Cannot make a folder in " + parent.string() + ": " + std::strerror(errno));
      }

      lock_ = LockFolder(name);

      if (IsStillThere(name, lock_))
      {
        path_ = name;
        return;
      }
    }

    throw Error(ErrorCode::Unavailable, "Cannot keep a folder in " + parent.string());
  }

  ScratchFolder::~ScratchFolder()
  {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
}
