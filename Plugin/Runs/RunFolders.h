// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // The folders of runs on disk, for reading: progress, events, whatever a run left. Only regular files inside of the
  // run's folder are read: a training is a process of its own, and what it leaves may be a link or a pipe. Stateless;
  // thread-safe.
  class RunFolders
  {
  public:
    explicit RunFolders(std::filesystem::path root);

    // Of a run that the caller found in the store: no check of its own but that it is one name.
    std::filesystem::path GetPath(const std::string& id) const;

    // progress.json of the engine; null when there is none yet, or it cannot be read.
    Json::Value ReadProgress(const std::string& id) const;

    // The lines of events.jsonl from byte `offset` on, at most 1 MiB, whole lines only; `next` is where to go on.
    struct EventPage
    {
      std::string lines;
      std::uint64_t next = 0;
    };
    EventPage ReadEvents(const std::string& id, std::uint64_t offset) const;

    // Every file of the run with its size, by path below its folder; not those that are being written.
    Json::Value ListArtifacts(const std::string& id) const;

    // The content of one file. Throws Error(NotFound) for what is not a plain file inside of the run's folder, by links
    // and ".." too, Error(BadInput) when it is larger than 256 MiB.
    std::string ReadArtifact(const std::string& id, const std::string& path) const;

    // metrics.json; null when there is none, or it is larger than 64 MiB. Throws Error(BadInput) when it is no JSON.
    Json::Value ReadMetrics(const std::string& id) const;

    // Of the metrics the few figures that a list of runs shows; an empty object when there are none. Throws as
    // ReadMetrics() does.
    Json::Value ReadSummary(const std::string& id) const;

  private:
    std::filesystem::path root_;
  };

  // "text/html", "image/svg+xml", ...; by the ending. Never a script's: the dashboard, which has its own list, must not
  // be able to run what a run left.
  std::string GetContentType(const std::string& path);
}
