// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Zip/PackedFiles.h"

#include "UnitTests/Support/TemporaryFolder.h"

#include <minizip/zip.h>

#include <fstream>
#include <iterator>

namespace H3K27M::Testing
{
  std::string Pack(const Files& files, unsigned unixMode)
  {
    constexpr unsigned long MADE_BY_UNIX = 3 << 8;
    const TemporaryFolder folder;
    const std::string path = folder.GetPath() / "test.zip";
    zipFile archive = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
    for (const auto& [name, content] : files)
    {
      zip_fileinfo info = {};
      info.external_fa = static_cast<uLong>(unixMode) << 16;
      zipOpenNewFileInZip4(archive, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, Z_DEFLATED, 6, 0, -MAX_WBITS,
                           DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY, nullptr, 0, MADE_BY_UNIX, 0);
      zipWriteInFileInZip(archive, content.data(), static_cast<unsigned>(content.size()));
      zipCloseFileInZip(archive);
    }
    zipClose(archive, nullptr);
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
}
