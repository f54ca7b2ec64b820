// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace H3K27M::Pipeline
{
  // The DICOM files of one study while it is processed: headers are read first, pixels later, and most studies fit in
  // memory, so each file is fetched once. Beyond `maxBytes` files are fetched again instead of kept. Deflated
  // files (PS3.5 section A.5) come inflated, up to `maxFileBytes` each. One thread.
  class InstanceCache
  {
  public:
    InstanceCache(Archive::IArchive& archive, std::uint64_t maxBytes, std::uint64_t maxFileBytes) :
      archive_(archive),
      maxBytes_(maxBytes),
      maxFileBytes_(maxFileBytes)
    {
    }

    // Throws what IArchive::ReadInstance() throws. Shared, because a file that was not kept must outlive its use.
    std::shared_ptr<const std::string> Get(const std::string& instanceId);

    // Forgets a file: its pixels were sent.
    void Drop(const std::string& instanceId);

  private:
    Archive::IArchive& archive_;
    std::uint64_t maxBytes_;
    std::uint64_t maxFileBytes_;
    std::uint64_t bytes_ = 0;
    std::map<std::string, std::shared_ptr<const std::string>> files_;
  };
}
