// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Zip
{
  // Puts files into a ZIP archive in memory, as they are: weights do not shrink. Without ZIP64, so that every program
  // reads it: at most 4 GiB and 65535 files. All files are of 1 January 1980, the format's first day: equal content
  // gives equal bytes. One thread.
  class ZipWriter
  {
  public:
    // The archive takes its whole memory at once: `bytes` of content in `files`, whose names have `nameBytes` together.
    static std::uint64_t ComputeSize(std::uint64_t bytes, std::size_t files, std::size_t nameBytes);
    void Reserve(std::uint64_t archiveBytes);

    // `fill` gets the place of the content inside the archive, so that it need not exist twice. `name`: with '/'
    // between folders. Throws Error(BadInput) beyond the format's limits, and whatever `fill` throws; the archive is of
    // no use then.
    void AddFile(const std::string& name, std::uint64_t bytes, const std::function<void(std::span<char>)>& fill);

    // The whole archive. The object is used up afterwards.
    std::string Finish();

  private:
    struct Entry
    {
      std::string name;
      std::uint32_t checksum;
      std::uint32_t bytes;
      std::uint32_t offset;
    };

    std::string archive_;
    std::vector<Entry> entries_;
  };
}
