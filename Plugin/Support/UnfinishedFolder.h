// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <filesystem>
#include <string>

namespace H3K27M::Support
{
  // A folder that is filled under a hidden name and then renamed to its own, so that it is seen whole or not at all;
  // removed unless it was. Its name tells whose it is: several Orthancs may share the folder that it stands in, and
  // each sweeps what it left there when it was killed.
  class UnfinishedFolder
  {
  public:
    struct Place
    {
      std::filesystem::path root;  // where it stands; made when it is missing
      std::string purpose;         // "upload": part of the hidden name
      std::string owner;           // this Orthanc, the same after a restart
    };

    // Throws Error(Unavailable).
    explicit UnfinishedFolder(const Place& place);

    UnfinishedFolder(const UnfinishedFolder&) = delete;
    UnfinishedFolder& operator=(const UnfinishedFolder&) = delete;

    ~UnfinishedFolder();

    // Removes the owner's left-overs; no folder of the same place may be in use. Returns how many.
    static std::size_t Sweep(const Place& place);

    const std::filesystem::path& GetPath() const noexcept
    {
      return path_;
    }

    // Safe on disk when it returns. Throws Error(Conflict) when something stands there already, Error(Unavailable) when
    // the disk refuses; it is still unfinished then.
    void RenameTo(const std::filesystem::path& target);

  private:
    std::filesystem::path path_;
  };
}
