// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Models/ModelCatalog.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/StoredNames.h"
#include "Plugin/Models/ModelFiles.h"
#include "Plugin/Support/PlainFile.h"

#include <algorithm>
#include <map>
#include <optional>
#include <system_error>

namespace H3K27M::Models
{
  namespace
  {
    constexpr const char* MODEL = Protocol::StoredNames::MODEL_FOLDER;
    constexpr const char* PART = Protocol::StoredNames::PART_PREFIX;
    constexpr const char* TRIAGE_CONTRAST = "T2w";

    std::uint64_t CountBytes(const std::filesystem::path& folder, const Json::Value& card)
    {
      std::uint64_t bytes = 0;

      for (const std::string& file : ListModelFiles(card))
      {
        bytes += IsWeightsFile(file) ? std::filesystem::file_size(folder / file) : 0;
      }

      return bytes;
    }

    // `root`: what links may not lead out of, as a run and an upload leave them; empty for what the administrator
    // installed, wherever it lies.
    std::string ReadCard(const std::filesystem::path& root, const std::filesystem::path& path)
    {
      const std::optional<Support::PlainFile> card =
        root.empty() ? Support::PlainFile::Open(path)
                     : Support::PlainFile::OpenBelow(root, path.lexically_relative(root));

      if (!card)
      {
        throw Error(ErrorCode::BadInput, "card.json is no file, or a link out of the folder");
      }

      if (card->GetSize() > MAX_CARD_BYTES)
      {
        throw Error(ErrorCode::BadInput, "card.json is larger than 1 MiB");
      }

      return card->Read(0, MAX_CARD_BYTES);
    }

    // `root`: see ReadCard().
    ModelEntry ReadEntry(const std::filesystem::path& root, const std::filesystem::path& folder,
                         const std::string& name, const std::string& run)
    {
      ModelEntry entry;
      entry.name = name;
      entry.path = folder;
      entry.run = run;

      try
      {
        entry.card = Protocol::ParseJson(ReadCard(root, folder / CARD_FILE));

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
        // A hidden one is an upload that is not checked yet.
        if (item.is_directory(fault) && !item.path().filename().string().starts_with('.'))
        {
          folders.push_back(item.path());
        }
      }

      return folders;
    }

    bool HoldsModel(const std::filesystem::path& folder)
    {
      std::error_code fault;
      return std::filesystem::exists(folder / CARD_FILE, fault);
    }

    using Entries = std::map<std::string, ModelEntry>;

    // Each folder is a model. A name that is there already stays as it is.
    void AddModels(Entries& entries, const std::filesystem::path& root, bool areUploaded)
    {
      for (const std::filesystem::path& folder : ListFolders(root))
      {
        const std::string name = folder.filename().string();

        if (HoldsModel(folder) && !entries.contains(name))
        {
          ModelEntry entry = ReadEntry(areUploaded ? folder : std::filesystem::path(), folder, name, {});
          entry.isUploaded = areUploaded;
          entries.emplace(name, std::move(entry));
        }
      }
    }
  }

  bool ModelEntry::IsEncoder() const
  {
    return card["variant"].asString() == "mae";
  }

  std::string ModelEntry::GetContrast() const
  {
    const Json::Value& data = card["training_data"];
    return data.isObject() && data["contrast"].isString() ? data["contrast"].asString() : TRIAGE_CONTRAST;
  }

  ModelCatalog::ModelCatalog(const std::filesystem::path& configured, std::filesystem::path runs,
                             std::filesystem::path uploads) :
    configured_(std::filesystem::absolute(configured).lexically_normal()),
    runs_(std::move(runs)),
    uploads_(std::move(uploads))
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
    Entries entries;
    AddModels(entries, configured_.parent_path(), false);

    for (const std::filesystem::path& run : ListFolders(runs_))
    {
      const std::string id = run.filename().string();

      if (HoldsModel(run / MODEL))
      {
        entries.emplace(id, ReadEntry(run, run / MODEL, id, id));
      }

      // Of an ablation: RUN/model-6/model.
      for (const std::filesystem::path& part : ListFolders(run))
      {
        const std::string name = id + "-" + part.filename().string();

        if (part.filename().string().starts_with(PART) && HoldsModel(part / MODEL))
        {
          entries.emplace(name, ReadEntry(run, part / MODEL, name, id));
        }
      }
    }

    AddModels(entries, uploads_, true);
    std::vector<ModelEntry> list;
    list.reserve(entries.size());

    for (auto& [name, entry] : entries)
    {
      list.push_back(std::move(entry));
    }

    return list;
  }

  ModelEntry ModelCatalog::GetUsable(const std::string& name) const
  {
    ModelEntry entry = Get(name);

    if (!entry.fault.empty())
    {
      throw Error(ErrorCode::BadInput, "The model " + name + " cannot be read: " + entry.fault);
    }

    if (entry.IsEncoder())
    {
      throw Error(ErrorCode::BadInput, "The model " + name + " is an encoder and answers nothing by itself");
    }

    if (entry.GetContrast() != TRIAGE_CONTRAST)
    {
      throw Error(ErrorCode::BadInput, "The model " + name + " was trained on " + entry.GetContrast() +
                                         ", and triage reads " + TRIAGE_CONTRAST + " images");
    }

    return entry;
  }

  bool ModelCatalog::IsTaken(const std::string& name) const
  {
    for (const std::filesystem::path& run : ListFolders(runs_))
    {
      const std::string id = run.filename().string();

      if (name == id || name.starts_with(id + "-" + PART))
      {
        return true;
      }
    }

    const std::vector<ModelEntry> list = List();
    return std::any_of(list.begin(), list.end(), [&name](const ModelEntry& entry) { return entry.name == name; });
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
