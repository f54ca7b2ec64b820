// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/RunEvents.h"

namespace H3K27M::Commands
{
  RunEvents::RunEvents(const StandardOutput& output, bool asJson) :
    printer_(output, asJson)
  {
  }

  void RunEvents::Follow(const std::filesystem::path& folder, std::size_t units)
  {
    progress_.emplace(folder, units);
  }

  void RunEvents::Tell(const Json::Value& event)
  {
    printer_.Print(event);
    if (progress_)
    {
      progress_->Update(event);
    }
  }

  Runs::EventSink RunEvents::GetSink()
  {
    return [this](const Json::Value& event) { Tell(event); };
  }
}
