// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace H3K27M::Models
{
  // Unpacks the ZIP archive of a model into `folder`, which exists and is empty, and returns its card. Accepted are the
  // files of a model and no others (ModelFiles.h), a card without faults (Protocol/CardFaults.h), and weights that are
  // safetensors with the hash of the card. Bounds: 512 entries, `maxBytes` for all that inflates, 1 MiB a card. One
  // file at a time exists in memory. Throws Error(BadInput) with all that is wrong; what stands in `folder` is worth
  // nothing then. Throws Error(Unavailable) when the disk refuses.
  Json::Value UnpackModel(std::string_view archive, std::uint64_t maxBytes, const std::filesystem::path& folder);
}
