// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <filesystem>
#include <optional>
#include <string>

namespace H3K27M::Runs
{
  // What a run leaves on disk while it runs, enough to go on after a crash of program or machine:
  //   config.json             what was asked for, every key
  //   manifest.json           the data: kind, hash, subjects
  //   events.jsonl            one JSON object per line, appended: progress, losses, checkpoints
  //   checkpoint.safetensors  the last one, replaced by rename
  class RunFolder
  {
  public:
    // Makes the folder, or opens it when `resumes`. A folder that holds another run, or one that must not be resumed,
    // is refused with Error(Conflict): nothing of an earlier run is overwritten. Throws Error(Unavailable) when it
    // cannot be written. Removes what a process that was killed had half written.
    RunFolder(const std::filesystem::path& path, const Json::Value& config, const Json::Value& manifest, bool resumes);

    // GetIdentity() of a run with these, without a folder.
    static std::string MakeIdentity(const Json::Value& config, const Json::Value& manifest);

    // Hash of configuration and data: what a checkpoint must have been made with.
    const std::string& GetIdentity() const noexcept
    {
      return identity_;
    }

    std::filesystem::path GetCheckpointPath() const;

    // Appends the line and a time stamp (`time`, UTC). Not flushed to the disk: a lost line costs nothing.
    void AppendEvent(Json::Value event) const;

    const std::filesystem::path& GetPath() const noexcept
    {
      return path_;
    }

  private:
    void CheckSame(const char* file, const Json::Value& wanted) const;

    std::filesystem::path path_;
    std::string identity_;
  };
}
