// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Zip/ZipReader.h"

#include "Inference/Protocol/Error.h"

#include <minizip/unzip.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>

namespace H3K27M::Zip
{
  namespace
  {
    [[noreturn]] void Refuse(const std::string& reason)
    {
      throw Error(ErrorCode::BadInput, "The ZIP archive cannot be taken: " + reason);
    }

    // A file in memory, as minizip wants to see one.
    struct MemoryFile
    {
      std::string_view bytes;
      std::uint64_t position = 0;
    };

    voidpf Open(voidpf memory, const void*, int)
    {
      return memory;
    }

    uLong Read(voidpf, voidpf stream, void* target, uLong size)
    {
      auto& file = *static_cast<MemoryFile*>(stream);
      const std::uint64_t count = std::min<std::uint64_t>(size, file.bytes.size() - file.position);
      std::memcpy(target, file.bytes.data() + file.position, count);
      file.position += count;
      return count;
    }

    ZPOS64_T Tell(voidpf, voidpf stream)
    {
      return static_cast<MemoryFile*>(stream)->position;
    }

    long Seek(voidpf, voidpf stream, ZPOS64_T offset, int origin)
    {
      auto& file = *static_cast<MemoryFile*>(stream);
      std::uint64_t base = 0;
      if (origin != ZLIB_FILEFUNC_SEEK_SET)
      {
        base = origin == ZLIB_FILEFUNC_SEEK_CUR ? file.position : file.bytes.size();
      }
      if (offset > file.bytes.size() - base)
      {
        return -1;
      }
      file.position = base + offset;
      return 0;
    }

    int Close(voidpf, voidpf)
    {
      return 0;
    }

    struct ArchiveCloser
    {
      void operator()(void* archive) const noexcept
      {
        unzClose(archive);
      }
    };
    using Archive = std::unique_ptr<std::remove_pointer_t<unzFile>, ArchiveCloser>;

    Archive OpenArchive(MemoryFile& file)
    {
      zlib_filefunc64_def functions = {};
      functions.zopen64_file = Open;
      functions.zread_file = Read;
      functions.ztell64_file = Tell;
      functions.zseek64_file = Seek;
      functions.zclose_file = Close;
      functions.zerror_file = Close;
      functions.opaque = &file;
      Archive archive(unzOpen2_64("archive", &functions));
      if (!archive)
      {
        Refuse("it is damaged, or no ZIP archive");
      }
      return archive;
    }

    struct Entry
    {
      std::string name;
      std::uint64_t bytes = 0;
      bool isEncrypted = false;
      bool isLink = false;
    };

    // The kind of file where a Unix packed it: the mode's upper bits, in the upper half of the attributes.
    bool IsLink(const unz_file_info64& info)
    {
      constexpr unsigned long UNIX = 3;
      constexpr unsigned long KIND = 0170000;
      constexpr unsigned long SYMBOLIC_LINK = 0120000;
      return (info.version >> 8) == UNIX && ((info.external_fa >> 16) & KIND) == SYMBOLIC_LINK;
    }

    Entry GetEntry(const Archive& archive)
    {
      constexpr unsigned long ENCRYPTED = 1;
      char name[1024] = {};
      unz_file_info64 info = {};
      if (unzGetCurrentFileInfo64(archive.get(), &info, name, sizeof(name) - 1, nullptr, 0, nullptr, 0) != UNZ_OK)
      {
        Refuse("its directory is damaged");
      }
      return {name, info.uncompressed_size, (info.flag & ENCRYPTED) != 0, IsLink(info)};
    }

    // The library gives no more than the size that the directory promises, and compares the checksum at the end.
    std::string Inflate(const Archive& archive, const Entry& entry)
    {
      if (entry.isLink)
      {
        Refuse("'" + entry.name + "' is a link");
      }
      std::string content(entry.bytes, '\0');
      if (entry.isEncrypted || unzOpenCurrentFile(archive.get()) != UNZ_OK)
      {
        Refuse("'" + entry.name + "' is encrypted, damaged, or packed in another way than 'deflate'");
      }
      const int count = unzReadCurrentFile(archive.get(), content.data(), static_cast<unsigned>(content.size()));
      const int end = unzCloseCurrentFile(archive.get());
      if (count < 0 || static_cast<std::uint64_t>(count) != entry.bytes || end != UNZ_OK)
      {
        Refuse("'" + entry.name + "' is damaged");
      }
      return content;
    }
  }

  void ReadZip(std::string_view bytes, const ZipLimits& limits,
               const std::function<bool(const std::string& name)>& isWanted,
               const std::function<void(const std::string& name, std::string_view content)>& visit)
  {
    MemoryFile file{bytes};
    const Archive archive = OpenArchive(file);
    unz_global_info64 global = {};
    // minizip 1.1 does not open an archive without files, 1.3 does.
    if (unzGetGlobalInfo64(archive.get(), &global) != UNZ_OK || global.number_entry == 0)
    {
      Refuse("it is damaged, or no ZIP archive with files in it");
    }
    if (global.number_entry > limits.entries)
    {
      Refuse("it has " + std::to_string(global.number_entry) + " entries, the limit is " +
             std::to_string(limits.entries));
    }

    std::uint64_t all = 0;
    int status = unzGoToFirstFile(archive.get());
    for (; status == UNZ_OK; status = unzGoToNextFile(archive.get()))
    {
      const Entry entry = GetEntry(archive);
      if (!isWanted(entry.name))
      {
        continue;
      }
      all += std::min(entry.bytes, limits.fileBytes + 1);
      if (entry.bytes > limits.fileBytes || all > limits.allBytes)
      {
        Refuse("'" + entry.name + "' inflates to " + std::to_string(entry.bytes) + " bytes; the limit is " +
               std::to_string(limits.fileBytes) + " for one file and " + std::to_string(limits.allBytes) +
               " for all of them");
      }
      visit(entry.name, Inflate(archive, entry));
    }
    if (status != UNZ_END_OF_LIST_OF_FILE)
    {
      Refuse("its directory is damaged");
    }
  }
}
