// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Zip/ZipWriter.h"

#include "Inference/Protocol/Error.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace H3K27M::Zip
{
  namespace
  {
    // APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
    constexpr std::uint32_t LOCAL_SIGNATURE = 0x04034b50;
    constexpr std::uint32_t DIRECTORY_SIGNATURE = 0x02014b50;
    constexpr std::uint32_t END_SIGNATURE = 0x06054b50;
    constexpr std::size_t LOCAL_BYTES = 30;
    constexpr std::size_t DIRECTORY_BYTES = 46;
    constexpr std::size_t END_BYTES = 22;
    constexpr std::uint32_t VERSION_NEEDED = 20;            // 2.0: folders
    constexpr std::uint32_t MADE_BY_UNIX = (3 << 8) | 20;   // so that the mode below is heeded
    constexpr std::uint32_t REGULAR_FILE = 0100644u << 16;  // rw-r--r--
    constexpr std::uint32_t UTF8_NAME = 1 << 11;
    constexpr std::uint32_t FIRST_DAY = (1 << 5) | 1;  // of the month 1 of the year 1980
    constexpr std::uint32_t STORED = 0;

    void Append(std::string& target, std::uint32_t value, unsigned bytes)
    {
      for (unsigned i = 0; i < bytes; i++)
      {
        target.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
      }
    }

    std::uint32_t ComputeChecksum(std::span<const char> content)
    {
      constexpr std::size_t PIECE = 1 << 30;  // zlib counts in 32 bits
      uLong checksum = crc32(0, nullptr, 0);

      while (!content.empty())
      {
        const std::span<const char> piece = content.first(std::min(PIECE, content.size()));
        checksum = crc32(checksum, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size()));
        content = content.subspan(piece.size());
      }

      return static_cast<std::uint32_t>(checksum);
    }
  }

  std::uint64_t ZipWriter::ComputeSize(std::uint64_t bytes, std::size_t files, std::size_t nameBytes)
  {
    return bytes + files * (LOCAL_BYTES + DIRECTORY_BYTES) + 2 * nameBytes + END_BYTES;
  }

  void ZipWriter::Reserve(std::uint64_t archiveBytes)
  {
    archive_.reserve(archiveBytes);
  }

  void ZipWriter::AddFile(const std::string& name, std::uint64_t bytes,
                          const std::function<void(std::span<char>)>& fill)
  {
    std::size_t nameBytes = name.size();

    for (const Entry& entry : entries_)
    {
      nameBytes += entry.name.size();
    }

    // With what comes behind it: the directory's own offset counts in 32 bits, too.
    if (ComputeSize(archive_.size() + bytes, entries_.size() + 1, nameBytes) >
          std::numeric_limits<std::uint32_t>::max() ||
        name.size() > std::numeric_limits<std::uint16_t>::max() ||
        entries_.size() >= std::numeric_limits<std::uint16_t>::max())
    {
      throw Error(ErrorCode::BadInput, "A ZIP archive holds at most 4 GiB in 65535 files");
    }

    const auto offset = static_cast<std::uint32_t>(archive_.size());
    const std::size_t begin = archive_.size() + LOCAL_BYTES + name.size();
    archive_.resize(begin + bytes);
    const std::span<char> content(archive_.data() + begin, bytes);
    fill(content);
    const Entry entry{name, ComputeChecksum(content), static_cast<std::uint32_t>(bytes), offset};
    entries_.push_back(entry);

    std::string header;
    Append(header, LOCAL_SIGNATURE, 4);
    Append(header, VERSION_NEEDED, 2);
    Append(header, UTF8_NAME, 2);
    Append(header, STORED, 2);
    Append(header, 0, 2);  // midnight
    Append(header, FIRST_DAY, 2);
    Append(header, entry.checksum, 4);
    Append(header, entry.bytes, 4);  // stored
    Append(header, entry.bytes, 4);  // inflated
    Append(header, static_cast<std::uint32_t>(name.size()), 2);
    Append(header, 0, 2);  // further fields
    header += name;
    std::copy(header.begin(), header.end(), archive_.begin() + offset);
  }

  std::string ZipWriter::Finish()
  {
    const auto begin = static_cast<std::uint32_t>(archive_.size());

    for (const Entry& entry : entries_)
    {
      Append(archive_, DIRECTORY_SIGNATURE, 4);
      Append(archive_, MADE_BY_UNIX, 2);
      Append(archive_, VERSION_NEEDED, 2);
      Append(archive_, UTF8_NAME, 2);
      Append(archive_, STORED, 2);
      Append(archive_, 0, 2);
      Append(archive_, FIRST_DAY, 2);
      Append(archive_, entry.checksum, 4);
      Append(archive_, entry.bytes, 4);
      Append(archive_, entry.bytes, 4);
      Append(archive_, static_cast<std::uint32_t>(entry.name.size()), 2);
      Append(archive_, 0, 2);  // further fields
      Append(archive_, 0, 2);  // comment
      Append(archive_, 0, 2);  // first disk
      Append(archive_, 0, 2);  // neither text nor binary is claimed
      Append(archive_, REGULAR_FILE, 4);
      Append(archive_, entry.offset, 4);
      archive_ += entry.name;
    }

    const auto directoryBytes = static_cast<std::uint32_t>(archive_.size()) - begin;
    Append(archive_, END_SIGNATURE, 4);
    Append(archive_, 0, 2);  // this disk
    Append(archive_, 0, 2);  // the directory's disk
    Append(archive_, static_cast<std::uint32_t>(entries_.size()), 2);
    Append(archive_, static_cast<std::uint32_t>(entries_.size()), 2);
    Append(archive_, directoryBytes, 4);
    Append(archive_, begin, 4);
    Append(archive_, 0, 2);  // comment
    return std::move(archive_);
  }
}
