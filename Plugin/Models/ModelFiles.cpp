// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Models/ModelFiles.h"

#include <filesystem>

namespace H3K27M::Models
{
  std::vector<std::string> ListModelFiles(const Json::Value& card)
  {
    if (!card["members"].isArray())
    {
      return {CARD_FILE, WEIGHTS_FILE};
    }

    std::vector<std::string> files{CARD_FILE};

    for (const Json::Value& member : card["members"])
    {
      const std::filesystem::path folder = std::filesystem::path(member["folder"].asString()).filename();
      files.push_back((folder / CARD_FILE).generic_string());
      files.push_back((folder / WEIGHTS_FILE).generic_string());
    }

    return files;
  }

  bool IsWeightsFile(const std::string& path)
  {
    return std::filesystem::path(path).filename() == WEIGHTS_FILE;
  }
}
