// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/UnfinishedFolder.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"
#include "Plugin/Support/KeyedHash.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace H3K27M::Support
{
  namespace
  {
    constexpr std::size_t NAME_DIGITS = 12;

    std::string MakePrefix(const UnfinishedFolder::Place& place)
    {
      return "." + place.purpose + "-" + Protocol::Sha256::OfText(place.owner).substr(0, NAME_DIGITS) + "-";
    }
  }

  UnfinishedFolder::UnfinishedFolder(const Place& place)
  {
    const std::filesystem::path path = place.root / (MakePrefix(place) + MakeKey().substr(0, NAME_DIGITS));
    std::error_code error;

    // Readable as other files are: that is what it will be under its own name.
    if (!std::filesystem::create_directories(path, error))
    {
      throw Error(ErrorCode::Unavailable,
                  "Cannot make a folder in " + place.root.string() + ": " + (error ? error.message() : "it exists"));
    }

    path_ = path;
  }

  UnfinishedFolder::~UnfinishedFolder()
  {
    if (!path_.empty())
    {
      std::error_code ignored;
      std::filesystem::remove_all(path_, ignored);
    }
  }

  std::size_t UnfinishedFolder::Sweep(const Place& place)
  {
    const std::string prefix = MakePrefix(place);
    std::size_t swept = 0;
    std::error_code error;
    const std::filesystem::directory_iterator end;

    for (std::filesystem::directory_iterator entry(place.root, error); !error && entry != end; entry.increment(error))
    {
      if (entry->path().filename().string().starts_with(prefix))
      {
        std::error_code ignored;
        std::filesystem::remove_all(entry->path(), ignored);
        swept++;
      }
    }

    return swept;
  }

  void UnfinishedFolder::RenameTo(const std::filesystem::path& target)
  {
    if (std::rename(path_.c_str(), target.c_str()) != 0)
    {
      const int cause = errno;
      throw Error(cause == ENOTEMPTY || cause == EEXIST || cause == ENOTDIR ? ErrorCode::Conflict
                                                                            : ErrorCode::Unavailable,
                  "Cannot put " + target.filename().string() + " in place: " + std::strerror(cause));
    }

    path_.clear();
    Protocol::SyncFolder(target.parent_path());
  }
}
