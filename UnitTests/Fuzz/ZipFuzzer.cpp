// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Zip/ZipReader.h"
#include "UnitTests/Fuzz/FuzzInput.h"

#include <string>

// A ZIP archive, inflated within its limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  return Fuzz::Expect([&]
  {
    Zip::ZipLimits limits;
    limits.entries = 100;
    limits.fileBytes = 1 << 20;
    limits.allBytes = 4 << 20;
    Zip::ReadZip(Fuzz::ToText(data, size), limits, [](const std::string& name) { return !name.empty(); },
                 [](const std::string&, std::string_view) {});
  });
}
