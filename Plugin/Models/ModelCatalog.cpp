// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Models/ModelCatalog.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

namespace H3K27M::Models
{
  namespace
  {
    constexpr const char* CARD = "card.json";
    constexpr const char* WEIGHTS = "model.safetensors";

    // A card is a few kilobytes.
    constexpr std::uintmax_t MAX_CARD_BYTES = 4u << 20;

    ModelEntry ReadEntry(const std::filesystem::path& folder)
    {
      ModelEntry entry;
      entry.folder = folder.filename().string();

      try
      {
        if (std::filesystem::file_size(folder / CARD) > MAX_CARD_BYTES)
        {
          throw Error(ErrorCode::BadInput, "card.json is larger than 4 MiB");
        }

        std::ifstream stream(folder / CARD, std::ios::binary);
        const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
        entry.card = Protocol::ParseJson(text);

        if (!entry.card.isObject())
        {
          throw Error(ErrorCode::BadInput, "card.json is no JSON object");
        }

        entry.bytes = std::filesystem::file_size(folder / WEIGHTS);
      }
      catch (const std::exception& e)
      {
        entry.card = Json::objectValue;
        entry.fault = e.what();
      }

      return entry;
    }
  }

  ModelCatalog::ModelCatalog(const std::filesystem::path& activeModel) :
    activeModel_(std::filesystem::absolute(activeModel).lexically_normal())
  {
    if (!activeModel_.has_filename())
    {
      activeModel_ = activeModel_.parent_path();
    }
  }

  std::vector<ModelEntry> ModelCatalog::List() const
  {
    std::vector<ModelEntry> entries;
    std::error_code fault;

    for (const auto& item : std::filesystem::directory_iterator(activeModel_.parent_path(), fault))
    {
      if (item.is_directory(fault) && std::filesystem::exists(item.path() / CARD, fault))
      {
        entries.push_back(ReadEntry(item.path()));
        entries.back().isActive = item.path().filename() == activeModel_.filename();
      }
    }

    std::sort(entries.begin(), entries.end(),
              [](const ModelEntry& a, const ModelEntry& b) { return a.folder < b.folder; });
    return entries;
  }

  ModelEntry ModelCatalog::Get(const std::string& name) const
  {
    for (ModelEntry& entry : List())
    {
      if (entry.folder == name)
      {
        return std::move(entry);
      }
    }

    throw Error(ErrorCode::NotFound, "There is no model '" + name + "'");
  }
}
