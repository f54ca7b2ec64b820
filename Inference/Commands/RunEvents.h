// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Commands/EventPrinter.h"
#include "Training/Runs/EventSink.h"
#include "Training/Runs/ProgressFile.h"

#include <filesystem>
#include <optional>

namespace H3K27M::Commands
{
  // Where a run's events go while it runs: onto standard output, and into the progress file of its folder, which is the
  // process's sign of life as well.
  class RunEvents
  {
  public:
    // Nothing is printed.
    RunEvents() = default;

    // `output` must outlive this object.
    RunEvents(const StandardOutput& output, bool asJson);

    // To be called before the data are read: hashing them may take longer than the plugin waits for a sign of life
    // (Plugin/Runs/LifeSign.h). Does nothing unless the run goes on in a folder that is there.
    void ShowLife(const std::filesystem::path& folder, bool resumes);

    // From here on the progress file says how far this process is. To be called once the folder was judged: a folder of
    // another run keeps what it says.
    void Follow(const std::filesystem::path& folder, std::size_t units);

    void Tell(const Json::Value& event);

    // Calls Tell(); this object must outlive it.
    Runs::EventSink GetSink();

  private:
    std::optional<EventPrinter> printer_;
    std::optional<Runs::ProgressFile> progress_;
  };
}
