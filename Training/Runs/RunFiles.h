// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/StoredNames.h"

#include <cstddef>
#include <string>

// The names of what runs leave in their folders: whoever writes a file and whoever reads it take them from here.
namespace H3K27M::Runs
{
  constexpr const char* CONFIG_FILE = "config.json";
  constexpr const char* MANIFEST_FILE = "manifest.json";
  using Protocol::StoredNames::EVENTS_FILE;
  using Protocol::StoredNames::METRICS_FILE;
  constexpr const char* PATIENTS_FILE = "patients.json";          // DescribePatients()
  constexpr const char* LEFT_OUT_FILE = "left-out.json";          // SnapshotManifest::leftOut, where it says anything
  constexpr const char* OUTCOMES_FILE = "outcomes.json";          // of a fold, on the patients that it held out
  constexpr const char* EXTERNAL_FILE = "external.json";          // outcomes on the external patients
  constexpr const char* MAKER_FILE = "maker.json";                // of outcomes: OutcomeMakers::Describe()
  constexpr const char* FEATURE_MAPS_FILE = "feature-maps.json";  // of a fold: MakeFeatureMap()
  constexpr const char* SALIENCY_FILE = "saliency.safetensors";   // of a fold: SaveSaliencyMaps()
  constexpr const char* SALIENCY_CASES = "cases";                 // in its metadata: how they were chosen
  constexpr const char* CASES_EVENLY = "evenly";                  // whatever the size of their tumours
  constexpr const char* SALIENCY_PATIENTS = "patients";           // in its metadata: of each slice, one a line
  constexpr const char* SALIENCY_PREDICTED = "predicted";         // its tensor of the masks that the network draws
  constexpr const char* ERROR_SLICES_FILE = "error-slices.safetensors";        // of a fold: SaveErrorSlices()
  constexpr const char* RECONSTRUCTIONS_FILE = "reconstructions.safetensors";  // of an encoder: SaveReconstructions()
  constexpr const char* RECONSTRUCTED_SLICES = "slices";                       // in its metadata: whose slices they are
  constexpr const char* SLICES_HELD_OUT = "held out";
  constexpr const char* SLICES_TRAINED_ON = "trained on";
  constexpr const char* OUTCOMES_LOG = "outcomes.jsonl";  // OutcomeLog: of an evaluation, while it runs

  // "fold-1" for the fold 0.
  inline std::string GetFoldName(std::size_t fold)
  {
    return "fold-" + std::to_string(fold + 1);
  }
}
