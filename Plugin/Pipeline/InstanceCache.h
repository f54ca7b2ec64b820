// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Volume/Refusal.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>

namespace H3K27M::Pipeline
{
  // Shared, because a file that was not kept must outlive its use.
  using FileOutcome = std::variant<std::shared_ptr<const std::string>, Volume::Refusal>;

  // The DICOM files of one study while it is processed: headers are read first, pixels later, and most studies fit in
  // memory, so each file is fetched once. Beyond `maxBytes` files are fetched again instead of kept, but for the last
  // one: the frames of a multi-frame file follow one another. Deflated files (PS3.5 section A.5) come inflated. What is
  // larger than `maxFileBytes` is refused before it is read. One thread.
  class InstanceCache
  {
  public:
    InstanceCache(Archive::IArchive& archive, std::uint64_t maxBytes, std::uint64_t maxFileBytes) :
      archive_(archive),
      maxBytes_(maxBytes),
      maxFileBytes_(maxFileBytes)
    {
    }

    // A refusal when the file is too large, or when the archive has lost it. Throws Error when the archive fails or the
    // instance was deleted.
    FileOutcome Get(const std::string& instanceId);

    // Forgets a file: its pixels were sent, or nobody wants them.
    void Drop(const std::string& instanceId);

    // The same of all of a range of identifiers: of a series that was refused, so that what is computed has the room.
    void DropAll(const auto& instanceIds)
    {
      for (const std::string& instanceId : instanceIds)
      {
        Drop(instanceId);
      }
    }

    // Whether the archive could not give a file that it should have. Such a verdict is on the storage, not the study.
    bool HasLostFiles() const noexcept
    {
      return lostFiles_ > 0;
    }

  private:
    std::shared_ptr<const std::string> Keep(const std::string& instanceId, std::string file);

    Archive::IArchive& archive_;
    std::uint64_t maxBytes_;
    std::uint64_t maxFileBytes_;
    std::uint64_t bytes_ = 0;
    std::size_t lostFiles_ = 0;
    std::map<std::string, std::shared_ptr<const std::string>> files_;
    std::string lastId_;  // of the last file that was not kept
    std::shared_ptr<const std::string> last_;
  };
}
