// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstdint>
#include <string>
#include <vector>

namespace H3K27M::Models
{
  // What a model's folder holds (Resources/Notes/ModelCard.md), as far as it is the model's.
  constexpr const char* CARD_FILE = "card.json";
  constexpr const char* WEIGHTS_FILE = "model.safetensors";

  // The engine's own limit (Inference/Weights/ModelCard.h).
  constexpr std::uint64_t MAX_CARD_BYTES = 1u << 20;

  // The files of the model with this card, by their path in its folder: the card first; of an ensemble each member's
  // card and weights. Names only: no path leads out of the folder, whatever the card says.
  std::vector<std::string> ListModelFiles(const Json::Value& card);

  bool IsWeightsFile(const std::string& path);
}
