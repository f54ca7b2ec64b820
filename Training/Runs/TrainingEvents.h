// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/ModelCard.h"
#include "Training/Runs/EventSink.h"
#include "Training/Runs/RunFolder.h"

#include <json/value.h>

#include <filesystem>

namespace H3K27M::Runs
{
  // Of a step whose gradient was not finite (Trainers/StepGuard.h): {event: "left_out", step}.
  Json::Value MakeLeftOutEvent(std::size_t step);

  // Each event goes into the folder's file, then to `onEvent`; both must outlive the sink.
  EventSink RecordIn(const RunFolder& folder, const EventSink& onEvent);

  // {event: "model", folder, weights_sha256}: the last event of a training.
  Json::Value MakeModelEvent(const std::filesystem::path& output, const Weights::ModelCard& card);
}
