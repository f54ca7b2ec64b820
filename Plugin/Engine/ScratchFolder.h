// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/Descriptor.h"

#include <filesystem>

namespace H3K27M::Engine
{
  // A new empty folder that only this user enters, for the temporary files of one child; removed with all it holds at
  // the end of the scope. It is locked while it is in use: what a killed Orthanc left behind is known by its free lock,
  // and goes when the next one is made, also where several containers share the parent folder.
  class ScratchFolder
  {
  public:
    // In `parent`, which must exist. Throws Error(Unavailable) naming it when no folder can be made there.
    explicit ScratchFolder(const std::filesystem::path& parent);

    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    ~ScratchFolder();

    const std::filesystem::path& GetPath() const noexcept
    {
      return path_;
    }

  private:
    std::filesystem::path path_;
    Descriptor lock_;
  };
}
