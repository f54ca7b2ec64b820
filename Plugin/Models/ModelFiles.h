// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/StoredNames.h"

#include <json/value.h>

#include <string>
#include <vector>

namespace H3K27M::Models
{
  // What a model's folder holds (Resources/Notes/ModelCard.md), as far as it is the model's.
  using Protocol::StoredNames::CARD_FILE;
  using Protocol::StoredNames::MAX_CARD_BYTES;
  using Protocol::StoredNames::NEXT_WEIGHTS_FILE;
  using Protocol::StoredNames::WEIGHTS_FILE;

  // The files of the model with this card, by their path in its folder: the card first; of an ensemble each member's
  // card and weights. Names only: no path leads out of the folder, whatever the card says.
  std::vector<std::string> ListModelFiles(const Json::Value& card);

  bool IsWeightsFile(const std::string& path);
}
