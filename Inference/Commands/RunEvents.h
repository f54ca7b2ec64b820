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
  // Where a run's events go while it runs: onto standard output, and into the progress file of its folder.
  class RunEvents
  {
  public:
    // `output` must outlive this object.
    RunEvents(const StandardOutput& output, bool asJson);

    // From here on there is a progress file. To be called once the folder was judged: a folder of another run is left
    // as it is.
    void Follow(const std::filesystem::path& folder, std::size_t units);

    void Tell(const Json::Value& event);

    // Calls Tell(); this object must outlive it.
    Runs::EventSink GetSink();

  private:
    EventPrinter printer_;
    std::optional<Runs::ProgressFile> progress_;
  };
}
