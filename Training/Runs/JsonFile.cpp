// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/JsonFile.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/StoredNames.h"

#include <fstream>
#include <span>
#include <sstream>

namespace H3K27M::Runs
{
  using Protocol::StoredNames::MAX_JSON_BYTES;

  void WriteJsonFile(const std::filesystem::path& path, const Json::Value& value, Protocol::Durability durability)
  {
    const std::string text = Protocol::WriteCompactJson(value) + "\n";
    Protocol::WriteFileAtomically(path, std::as_bytes(std::span(text)), durability);
  }

  Json::Value ReadJsonFile(const std::filesystem::path& path)
  {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    std::ifstream stream(path, std::ios::binary);
    if (error || !stream)
    {
      throw Error(ErrorCode::NotFound, "Cannot open " + path.string());
    }
    if (size > MAX_JSON_BYTES)
    {
      throw Error(ErrorCode::BadInput, path.string() + " is larger than " + std::to_string(MAX_JSON_BYTES) + " bytes");
    }
    std::ostringstream text;
    text << stream.rdbuf();
    try
    {
      return Protocol::ParseJson(text.str());
    }
    catch (const Error& e)
    {
      throw Error(ErrorCode::BadInput, path.string() + ": " + e.what());
    }
  }
}
