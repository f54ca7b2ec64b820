// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/TrainingEvents.h"

namespace H3K27M::Runs
{
  EventSink RecordIn(const RunFolder& folder, const EventSink& onEvent)
  {
    return [&folder, &onEvent](const Json::Value& event)
    {
      folder.AppendEvent(event);
      onEvent(event);
    };
  }

  Json::Value MakeModelEvent(const std::filesystem::path& output, const Weights::ModelCard& card)
  {
    Json::Value event;
    event["event"] = "model";
    event["folder"] = output.string();
    event["weights_sha256"] = card.GetWeightsSha256();
    return event;
  }
}
