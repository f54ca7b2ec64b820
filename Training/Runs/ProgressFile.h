// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/StoredNames.h"

#include <json/value.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace H3K27M::Runs
{
  // How far a run is, for whoever looks from outside: `progress.json` in the run's folder, replaced each second by a
  // thread of its own, which is also the sign of life of the process.
  //   {units, units_done, unit, step, of, fraction, seconds_left or null, losses: {...}, alive_at, progressed_at, pid}
  // `step` and `of` count through all stages of a training, so that neither they nor `fraction` fall back.
  // `alive_at` moves as long as the process lives, `progressed_at` with each event: a run that hangs is told from one
  // that works; the plugin ends one whose `alive_at` stands still for minutes (Plugin/Runs/LifeSign.h). Seconds since
  // 1970. Nothing is thrown where the file cannot be written; but on a full disk the run's own events cannot, either
  // (RunFolder::AppendEvent), and elsewhere the plugin takes the run for one that hangs.
  class ProgressFile
  {
  public:
    static constexpr const char* NAME = Protocol::StoredNames::PROGRESS_FILE;

    // `units`: how many parts the run has; 1 for a single training.
    ProgressFile(const std::filesystem::path& folder, std::size_t units);

    // Of a run that goes on, from before it is known what is left of it: all that an earlier process said stays, but
    // for `pid` and `alive_at`.
    explicit ProgressFile(const std::filesystem::path& folder);

    ProgressFile(const ProgressFile&) = delete;
    ProgressFile& operator=(const ProgressFile&) = delete;

    // Writes the last state.
    ~ProgressFile();

    // From the events of Training/Runs: `unit`, `step`, `case`, `data`, `model`.
    void Update(const Json::Value& event);

  private:
    using Clock = std::chrono::steady_clock;

    ProgressFile(const std::filesystem::path& folder, std::size_t units, Json::Value former);

    void Run(const std::stop_token& stop);
    void Write() noexcept;
    double GetFraction() const;
    Json::Value GetSecondsLeft() const;
    void KeepSecondsLeft(const Json::Value& event);

    std::filesystem::path path_;
    std::size_t units_;
    Clock::time_point start_;
    const Json::Value former_;  // an object: what stands before all that this process knows
    std::mutex mutex_;
    std::condition_variable_any wake_;
    Json::Value state_;                     // guarded by mutex_
    std::set<std::string> unitsDone_;       // guarded by mutex_
    double withinUnit_ = 0;                 // guarded by mutex_
    double firstFraction_ = -1;             // guarded by mutex_: where this process began
    std::optional<Clock::time_point> end_;  // guarded by mutex_: told by the last step of a single training
    std::jthread thread_;
  };
}
