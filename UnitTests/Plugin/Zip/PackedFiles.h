// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <map>
#include <string>

namespace H3K27M::Testing
{
  // Content by name; one that stands there twice is packed twice.
  using Files = std::multimap<std::string, std::string>;

  // A ZIP archive as another program packs it (minizip, deflate). `unixMode` of all files: kind and rights.
  std::string Pack(const Files& files, unsigned unixMode = 0100644);
}
