// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/RunEvents.h"

#include <system_error>
#include <utility>

namespace H3K27M::Commands
{
  RunEvents::RunEvents(const StandardOutput& output, bool asJson) :
    printer_(std::in_place, output, asJson)
  {
  }

  void RunEvents::ShowLife(const std::filesystem::path& folder, bool resumes)
  {
    std::error_code ignored;
    if (resumes && std::filesystem::is_directory(folder, ignored))
    {
      progress_.emplace(folder);
    }
  }

  void RunEvents::Follow(const std::filesystem::path& folder, std::size_t units)
  {
    progress_.emplace(folder, units);
  }

  void RunEvents::Tell(const Json::Value& event)
  {
    if (printer_)
    {
      printer_->Print(event);
    }
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
