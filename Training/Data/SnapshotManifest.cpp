// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/SnapshotManifest.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/StoredNames.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace H3K27M::Data
{
  namespace
  {
    constexpr const char* MANIFEST = "manifest.json";
    constexpr const char* FORMAT = "h3k27m-dataset";

    // Null where it is none: others may call anything so.
    Json::Value ParseManifest(const std::string& text)
    {
      try
      {
        const Json::Value manifest = Protocol::ParseJson(text);
        return manifest.isObject() && manifest["format"] == FORMAT ? manifest : Json::Value();
      }
      catch (const Error&)
      {
        return Json::Value();
      }
    }

    Json::Value GetObject(const Json::Value& manifest, const char* name)
    {
      return manifest[name].isObject() ? manifest[name] : Json::Value();
    }
  }

  SnapshotManifest SnapshotManifest::Read(const std::filesystem::path& folder)
  {
    std::error_code absent;
    const std::uintmax_t bytes = std::filesystem::file_size(folder / MANIFEST, absent);
    if (absent || bytes > Protocol::StoredNames::MAX_JSON_BYTES)
    {
      return {};
    }
    std::ifstream stream(folder / MANIFEST, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (!stream)
    {
      throw Error(ErrorCode::Unavailable, "Cannot read " + (folder / MANIFEST).string());
    }
    const Json::Value manifest = ParseManifest(text);
    SnapshotManifest read;
    read.samePatient = GetObject(manifest, "same_patient");
    read.leftOut = GetObject(manifest, "left_out");
    return read;
  }
}
