// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/ModelCard.h"
#include "Training/Runs/RunConfig.h"

#include <json/value.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // What cannot be written must not be trained first: throws Error(BadInput) when the card of the ensemble `name` could
  // not be loaded once its metrics are in it. It names the cases of all folds: `data` as below; `origin`: what the
  // folds start from, with what that has seen (DescribeOrigin()), or null.
  void CheckEnsembleCard(const RunConfig& config, const std::string& name, const Json::Value& data,
                         const Json::Value& origin);

  // What an ensemble's card says of the whole.
  struct EnsembleFacts
  {
    std::string name;
    std::size_t seed = 1;  // of the cross-validation, from which each member has its own
    Json::Value data;      // what all members together have seen
    Json::Value metrics;   // what is known of them: {external, out_of_fold, folds}, or null
  };

  // Makes one model of the networks of a cross-validation: FOLDER/card.json, which lists its members, and
  // FOLDER/<member>/, each a model of its own (hard links where the file system has them, else copies). What the facts
  // do not say, the card has from the first member: its `run` but for the seed, the seconds and devices of all.
  // Throws Error(BadInput) when the members are of different architectures.
  Weights::ModelCard WriteEnsemble(const std::filesystem::path& folder,
                                   const std::vector<std::filesystem::path>& members, const EnsembleFacts& facts);
}
