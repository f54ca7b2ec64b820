// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Models/ModelCatalog.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

namespace H3K27M::Models
{
  namespace
  {
    constexpr const char* CARD = "card.json";
    constexpr const char* WEIGHTS = "model.safetensors";
    constexpr const char* MODEL = "model";

    // A card is a few kilobytes.
    constexpr std::uintmax_t MAX_CARD_BYTES = 4u << 20;

    std::uint64_t CountBytes(const std::filesystem::path& folder, const Json::Value& card)
    {
      if (!card["members"].isArray())
      {
        return std::filesystem::file_size(folder / WEIGHTS);
      }

      std::uint64_t bytes = 0;

      for (const Json::Value& member : card["members"])
      {
        // A name, never a path: the engine refuses any other.
        bytes +=
          std::filesystem::file_size(folder / std::filesystem::path(member["folder"].asString()).filename() / WEIGHTS);
      }

      return bytes;
    }

    ModelEntry ReadEntry(const std::filesystem::path& folder, const std::string& name, const std::string& run)
    {
      ModelEntry entry;
      entry.name = name;
      entry.path = folder;
      entry.run = run;

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

        entry.bytes = CountBytes(folder, entry.card);
      }
      catch (const std::exception& e)
      {
        entry.card = Json::objectValue;
        entry.fault = e.what();
      }

      return entry;
    }

    std::vector<std::filesystem::path> ListFolders(const std::filesystem::path& folder)
    {
      std::vector<std::filesystem::path> folders;
      std::error_code fault;

      for (const auto& item : std::filesystem::directory_iterator(folder, fault))
      {
        if (item.is_directory(fault))
        {
          folders.push_back(item.path());
        }
      }

      return folders;
    }

    bool HoldsModel(const std::filesystem::path& folder)
    {
      std::error_code fault;
      return std::filesystem::exists(folder / CARD, fault);
    }
  }

  bool ModelEntry::IsEncoder() const
  {
    return card["variant"].asString() == "mae";
  }

  ModelCatalog::ModelCatalog(const std::filesystem::path& configured, std::filesystem::path runs) :
    configured_(std::filesystem::absolute(configured).lexically_normal()),
    runs_(std::move(runs))
  {
    if (!configured_.has_filename())
    {
      configured_ = configured_.parent_path();
    }
  }

  std::string ModelCatalog::GetConfiguredName() const
  {
    return configured_.filename().string();
  }

  std::vector<ModelEntry> ModelCatalog::List() const
  {
    std::map<std::string, ModelEntry> entries;

    for (const std::filesystem::path& folder : ListFolders(configured_.parent_path()))
    {
      const std::string name = folder.filename().string();

      if (HoldsModel(folder))
      {
        entries.emplace(name, ReadEntry(folder, name, {}));
      }
    }

    for (const std::filesystem::path& run : ListFolders(runs_))
    {
      const std::string id = run.filename().string();

      if (HoldsModel(run / MODEL))
      {
        entries.emplace(id, ReadEntry(run / MODEL, id, id));
      }

      // Of an ablation: RUN/model-6/model.
      for (const std::filesystem::path& part : ListFolders(run))
      {
        const std::string name = id + "-" + part.filename().string();

        if (part.filename().string().starts_with("model-") && HoldsModel(part / MODEL))
        {
          entries.emplace(name, ReadEntry(part / MODEL, name, id));
        }
      }
    }

    std::vector<ModelEntry> list;
    list.reserve(entries.size());

    for (auto& [name, entry] : entries)
    {
      list.push_back(std::move(entry));
    }

    return list;
  }

  ModelEntry ModelCatalog::Get(const std::string& name) const
  {
    for (ModelEntry& entry : List())
    {
      if (entry.name == name)
      {
        return std::move(entry);
      }
    }

    throw Error(ErrorCode::NotFound, "There is no model '" + name + "'");
  }
}
