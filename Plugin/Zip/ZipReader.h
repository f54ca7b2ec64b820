// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace H3K27M::Zip
{
  // What a ZIP archive may hold at most. Sizes are what inflates, not what is stored.
  struct ZipLimits
  {
    std::uint64_t entries = 10'000;
    std::uint64_t fileBytes = 0;
    std::uint64_t allBytes = 0;
  };

  // Calls `visit` with name and content of each file of a ZIP archive whose name `isWanted`, in the archive's order.
  // Others are not inflated. No more than one file exists at a time. Throws Error(BadInput) when the archive is damaged
  // or beyond the limits, or a wanted file encrypted or a link: before anything of it is inflated.
  void ReadZip(std::string_view archive, const ZipLimits& limits,
               const std::function<bool(const std::string& name)>& isWanted,
               const std::function<void(const std::string& name, std::string_view content)>& visit);
}
