// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>

// What engine and plugin find in each other's folders: models and runs. Renamed here, it is renamed for both, but what
// lies on disk keeps its old name.
namespace H3K27M::Protocol::StoredNames
{
  // Of a model (Resources/Notes/ModelCard.md).
  constexpr const char* CARD_FILE = "card.json";
  constexpr const char* WEIGHTS_FILE = "model.safetensors";
  constexpr const char* NEXT_WEIGHTS_FILE = "model.next.safetensors";  // of a model that is written again
  constexpr std::size_t MAX_CARD_BYTES = std::size_t{1} << 20;

  // Of a run.
  constexpr const char* PROGRESS_FILE = "progress.json";
  constexpr const char* METRICS_FILE = "metrics.json";
  constexpr const char* EVENTS_FILE = "events.jsonl";
  constexpr const char* MODEL_FOLDER = "model";                  // that it made; in that of a part, the part's
  constexpr const char* PART_PREFIX = "model-";                  // of an ablation: the folders of its models
  constexpr std::size_t MAX_JSON_BYTES = std::size_t{64} << 20;  // of one file of it
}
