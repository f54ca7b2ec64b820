// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunFolders.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::uintmax_t MAX_EVENTS = 1u << 20;
    constexpr std::uintmax_t MAX_ARTIFACT = 256u << 20;
    constexpr std::uintmax_t MAX_JSON = 64u << 20;

    std::optional<std::string> ReadFile(const std::filesystem::path& path, std::uintmax_t limit)
    {
      std::error_code fault;
      const std::uintmax_t size = std::filesystem::file_size(path, fault);

      if (fault || size > limit)
      {
        return std::nullopt;
      }

      std::ifstream stream(path, std::ios::binary);
      return std::string((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    }

    Json::Value ReadJson(const std::filesystem::path& path)
    {
      const std::optional<std::string> text = ReadFile(path, MAX_JSON);
      return text ? Protocol::ParseJson(*text) : Json::Value();
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
    return ReadJson(GetPath(id) / "progress.json");
  }

  Json::Value RunFolders::ReadMetrics(const std::string& id) const
  {
    return ReadJson(GetPath(id) / "metrics.json");
  }

  RunFolders::EventPage RunFolders::ReadEvents(const std::string& id, std::uint64_t offset) const
  {
    EventPage page;
    page.next = offset;
    std::ifstream stream(GetPath(id) / "events.jsonl", std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));

    if (!stream)
    {
      return page;
    }

    page.lines.resize(MAX_EVENTS);
    stream.read(page.lines.data(), static_cast<std::streamsize>(page.lines.size()));
    page.lines.resize(static_cast<std::size_t>(stream.gcount()));
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
      if (!item.is_symlink(fault) && item.is_regular_file(fault))
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
    const Error notThere(ErrorCode::NotFound, "The run " + id + " has no file '" + path + "'");
    std::error_code fault;
    const std::filesystem::path folder = std::filesystem::canonical(GetPath(id), fault);

    if (fault)
    {
      throw Error(notThere);
    }

    // What links and ".." lead to, not what they are called.
    const std::filesystem::path file = std::filesystem::canonical(folder / path, fault);
    const auto [inside, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());

    if (fault || inside != folder.end() || !std::filesystem::is_regular_file(file, fault))
    {
      throw Error(notThere);
    }

    std::optional<std::string> content = ReadFile(file, MAX_ARTIFACT);

    if (!content)
    {
      throw Error(ErrorCode::BadInput, "The file is larger than 256 MiB: take it from the server's disk");
    }

    return std::move(*content);
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
