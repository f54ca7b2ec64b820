// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/TrainingEvents.h"

namespace H3K27M::Runs
{
  Json::Value MakeLeftOutEvent(std::size_t step)
  {
    Json::Value event;
    event["event"] = "left_out";
    event["step"] = Json::UInt64{step};
    event["reason"] = "the gradient is not finite";
    return event;
  }

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
