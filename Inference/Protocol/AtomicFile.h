// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string_view>

namespace H3K27M::Protocol
{
  // What a power cut may take of a file that was written.
  enum class Durability
  {
    Lasting,  // nothing: the file is on the disk when the call returns
    Passing   // all of it: what is written again a moment later is not worth waiting for the disk
  };

  // Writes to a temporary file in the same folder, fsyncs it, renames it over `path` and fsyncs the folder: a reader
  // sees the old content or the new, never half of it, also after a power cut unless it is `Passing`. On failure (full
  // disk) the old content stays, the temporary file is removed, and Error(Unavailable) names the path and the cause.
  // Who may read the file is what the process's umask says.
  void WriteFileAtomically(const std::filesystem::path& path, std::span<const std::byte> content,
                           Durability durability = Durability::Lasting);

  // Whether a file of this name is a temporary one of WriteFileAtomically(): being written, or left by a process that
  // was killed while it wrote.
  bool IsUnfinished(std::string_view fileName);

  // Removes those of the files `names` of this folder that nobody has written to for `age`. What cannot be removed
  // stays: nothing is thrown.
  void RemoveUnfinished(const std::filesystem::path& folder, std::initializer_list<std::string_view> names,
                        std::chrono::seconds age);

  // So that what was renamed into the folder stays there after a power cut. A folder that cannot be synced is none's
  // fault: nothing is thrown.
  void SyncFolder(const std::filesystem::path& folder);
}
