// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/AtomicFile.h"

#include <json/value.h>

#include <filesystem>

namespace H3K27M::Runs
{
  // One line of compact JSON, by rename: a reader sees the old file or the new. Throws Error(Unavailable).
  void WriteJsonFile(const std::filesystem::path& path, const Json::Value& value,
                     Protocol::Durability durability = Protocol::Durability::Lasting);

  // Throws Error(NotFound) when the file cannot be opened, Error(BadInput) naming it when it is larger than 64 MiB or
  // no JSON.
  Json::Value ReadJsonFile(const std::filesystem::path& path);
}
