// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunFolders.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/StoredNames.h"
#include "Plugin/Support/PlainFile.h"

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>

namespace H3K27M::Runs
{
  namespace StoredNames = Protocol::StoredNames;

  namespace
  {
    constexpr std::size_t MAX_EVENTS = 1u << 20;
    constexpr std::size_t MAX_ARTIFACT = 256u << 20;
    constexpr std::size_t MAX_PROGRESS = 1u << 20;

    // Null where there is no such file in the run's folder, or it is larger than `most`.
    Json::Value ReadJson(const std::filesystem::path& folder, const char* name, std::size_t most)
    {
      const std::optional<Support::PlainFile> file = Support::PlainFile::OpenBelow(folder, name);
      return file && file->GetSize() <= most ? Protocol::ParseJson(file->Read(0, most)) : Json::Value();
    }
  }

  RunFolders::RunFolders(std::filesystem::path root) :
    root_(std::move(root))
  {
  }

  std::filesystem::path RunFolders::GetPath(const std::string& id) const
  {
    if (id.empty() || id.front() == '.' || id.find('/') != std::string::npos)
    {
      throw Error(ErrorCode::NotFound, "There is no run '" + id + "'");
    }

    return root_ / id;
  }

  Json::Value RunFolders::ReadProgress(const std::string& id) const
  {
    const std::filesystem::path folder = GetPath(id);

    try
    {
      Json::Value progress = ReadJson(folder, StoredNames::PROGRESS_FILE, MAX_PROGRESS);
      return progress.isObject() ? progress : Json::Value();
    }
    catch (const Error&)
    {
      // What one run left broken must not hide all others in a list.
      return Json::Value();
    }
  }

  Json::Value RunFolders::ReadMetrics(const std::string& id) const
  {
    return ReadJson(GetPath(id), StoredNames::METRICS_FILE, StoredNames::MAX_JSON_BYTES);
  }

  Json::Value RunFolders::ReadSummary(const std::string& id) const
  {
    const Json::Value metrics = ReadMetrics(id);
    Json::Value summary(Json::objectValue);

    if (!metrics.isObject())
    {
      return summary;
    }

    for (const char* set : {"out_of_fold", "external"})
    {
      for (const char* measure : {"auroc", "auroc_logit", "dice"})
      {
        if (metrics[set].isObject() && metrics[set][measure].isObject())
        {
          summary[set][measure] = metrics[set][measure];
        }
      }
    }

    if (metrics["gate"].isObject())
    {
      summary["gate"] = metrics["gate"];
    }

    return summary;
  }

  RunFolders::EventPage RunFolders::ReadEvents(const std::string& id, std::uint64_t offset) const
  {
    EventPage page;
    page.next = offset;
    const std::optional<Support::PlainFile> file = Support::PlainFile::OpenBelow(GetPath(id), StoredNames::EVENTS_FILE);

    if (!file)
    {
      return page;
    }

    page.lines = file->Read(offset, MAX_EVENTS);
    const std::size_t end = page.lines.rfind('\n');
    page.lines.resize(end == std::string::npos ? 0 : end + 1);
    page.next = offset + page.lines.size();
    return page;
  }

  Json::Value RunFolders::ListArtifacts(const std::string& id) const
  {
    const std::filesystem::path folder = GetPath(id);
    Json::Value list(Json::arrayValue);
    std::vector<std::pair<std::string, std::uintmax_t>> files;
    std::error_code fault;

    for (const auto& item : std::filesystem::recursive_directory_iterator(folder, fault))
    {
      // What a link leads to belongs to somebody else.
      if (!item.is_symlink(fault) && item.is_regular_file(fault) &&
          !Protocol::IsUnfinished(item.path().filename().string()))
      {
        files.emplace_back(std::filesystem::relative(item.path(), folder, fault).generic_string(),
                           item.file_size(fault));
      }
    }

    std::sort(files.begin(), files.end());

    for (const auto& [path, size] : files)
    {
      Json::Value entry;
      entry["path"] = path;
      entry["bytes"] = static_cast<Json::UInt64>(size);
      list.append(entry);
    }

    return list;
  }

  std::string RunFolders::ReadArtifact(const std::string& id, const std::string& path) const
  {
    const std::optional<Support::PlainFile> file = Support::PlainFile::OpenBelow(GetPath(id), path);

    if (!file)
    {
      throw Error(ErrorCode::NotFound, "The run " + id + " has no file '" + path + "'");
    }

    if (file->GetSize() > MAX_ARTIFACT)
    {
      throw Error(ErrorCode::BadInput, "The file is larger than 256 MiB: take it from the server's disk");
    }

    return file->Read(0, MAX_ARTIFACT);
  }

  std::string GetContentType(const std::string& path)
  {
    constexpr std::array TYPES{
      std::pair(".html", "text/html; charset=utf-8"), std::pair(".svg", "image/svg+xml"),
      std::pair(".json", "application/json"),         std::pair(".csv", "text/csv; charset=utf-8"),
      std::pair(".jsonl", "application/x-ndjson"),    std::pair(".gp", "text/plain; charset=utf-8")};

    for (const auto& [ending, type] : TYPES)
    {
      if (path.ends_with(ending))
      {
        return type;
      }
    }

    return "application/octet-stream";
  }
}
