// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/RunFolder.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/Sha256.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/RunFiles.h"

#include <chrono>
#include <ctime>
#include <fstream>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr const char* CHECKPOINT = "checkpoint.safetensors";

    std::string GetTime()
    {
      const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
      std::tm parts{};
      gmtime_r(&now, &parts);
      char text[32];
      std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
      return text;
    }

    void RemoveLeftovers(const std::filesystem::path& folder)
    {
      // One process alone writes these.
      Protocol::RemoveUnfinished(folder, {CHECKPOINT, SALIENCY_FILE, ERROR_SLICES_FILE, RECONSTRUCTIONS_FILE},
                                 std::chrono::seconds(0));
      // These may be another one's, which computes a unit of the same run: what it writes now is not to be touched.
      Protocol::RemoveUnfinished(folder,
                                 {CONFIG_FILE, MANIFEST_FILE, METRICS_FILE, PATIENTS_FILE, LEFT_OUT_FILE, OUTCOMES_FILE,
                                  EXTERNAL_FILE, MAKER_FILE, FEATURE_MAPS_FILE, OUTCOMES_LOG,
                                  Protocol::StoredNames::PROGRESS_FILE},
                                 std::chrono::minutes(1));
    }

    // Also where there is nothing yet.
    bool EndsInALine(const std::filesystem::path& path)
    {
      std::ifstream stream(path, std::ios::binary | std::ios::ate);
      char last = '\n';
      if (stream && stream.tellg() > 0 && stream.seekg(-1, std::ios::end))
      {
        stream.get(last);
      }
      return last == '\n';
    }
  }

  RunFolder::RunFolder(const std::filesystem::path& path, const Json::Value& config, const Json::Value& manifest,
                       bool resumes) :
    path_(path),
    identity_(MakeIdentity(config, manifest))
  {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error)
    {
      throw Error(ErrorCode::Unavailable, "Cannot make the folder " + path.string() + ": " + error.message());
    }
    if (std::filesystem::exists(path / CONFIG_FILE))
    {
      if (!resumes)
      {
        throw Error(ErrorCode::Conflict, path.string() + " holds a run already; resume it or name another folder");
      }
      CheckSame(CONFIG_FILE, config);
      CheckSame(MANIFEST_FILE, manifest);
    }
    else
    {
      // The configuration last: where it stands, the rest is whole.
      WriteJsonFile(path / MANIFEST_FILE, manifest);
      WriteJsonFile(path / CONFIG_FILE, config);
    }
    RemoveLeftovers(path);
  }

  std::string RunFolder::MakeIdentity(const Json::Value& config, const Json::Value& manifest)
  {
    return Protocol::Sha256::OfText(Protocol::WriteCompactJson(config) + Protocol::WriteCompactJson(manifest));
  }

  void RunFolder::CheckSame(const char* file, const Json::Value& wanted) const
  {
    // As text: numbers that were read back need not have the type that they were written from.
    if (Protocol::WriteCompactJson(ReadJsonFile(path_ / file)) != Protocol::WriteCompactJson(wanted))
    {
      throw Error(ErrorCode::Conflict, (path_ / file).string() +
                                         " differs from what was asked for: a run is resumed with the same "
                                         "configuration and the same data, or begun in another folder");
    }
  }

  std::filesystem::path RunFolder::GetCheckpointPath() const
  {
    return path_ / CHECKPOINT;
  }

  void RunFolder::AppendEvent(Json::Value event) const
  {
    event["time"] = GetTime();
    const std::filesystem::path path = path_ / EVENTS_FILE;
    std::ofstream stream(path, std::ios::app | std::ios::binary);
    // One write per line, so that a reader never sees half of one but at the end; what a full disk or a kill left there
    // stays a line of its own, and spoils none that comes after it.
    std::string line = EndsInALine(path) ? "" : "\n";
    line += Protocol::WriteCompactJson(event);
    line += '\n';
    stream << line << std::flush;
    if (!stream)
    {
      throw Error(ErrorCode::Unavailable, "Cannot write " + path.string());
    }
  }
}
