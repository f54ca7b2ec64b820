// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Support/Fixtures.h"

#include <json/json.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace H3K27M::Support
{
  namespace
  {
    const char* const ROOT = "../shared/fixtures";  // tests run in the repository's root
  }

  std::optional<std::string> FindFixture(const std::string& folder)
  {
    const std::string path = std::string(ROOT) + "/" + folder;
    return std::filesystem::is_directory(path) ? std::optional<std::string>(path) : std::nullopt;
  }

  std::string ReadWholeFile(const std::string& path)
  {
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
    {
      throw std::runtime_error("cannot read " + path);
    }
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
  }

  std::vector<std::string> ReadFixtureFiles(const std::string& path)
  {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path))
    {
      if (entry.is_regular_file())
      {
        names.push_back(entry.path().string());
      }
    }
    std::sort(names.begin(), names.end());
    std::vector<std::string> files;
    std::transform(names.begin(), names.end(), std::back_inserter(files), ReadWholeFile);
    return files;
  }

  std::vector<FixtureEntry> ReadFixtureIndex()
  {
    std::vector<FixtureEntry> entries;
    std::ifstream stream(std::string(ROOT) + "/index.json");
    Json::Value index;
    if (!stream || !Json::parseFromStream(Json::CharReaderBuilder(), stream, &index, nullptr))
    {
      return entries;
    }
    for (const Json::Value& entry : index)
    {
      entries.push_back(FixtureEntry{entry["folder"].asString(), entry["is_axial_t2_brain"].asString()});
    }
    return entries;
  }
}
