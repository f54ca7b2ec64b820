// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"
#include "Training/Reports/OutcomeFigures.h"

#include <json/value.h>

#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Reports
{
  // What a finished cross-validation or evaluation left in its folder, read back for a report. Folds are a
  // cross-validation's; of an evaluation `ensemble` holds the one split that was measured, whatever its name.
  struct RunRecord
  {
    Json::Value config;
    Json::Value manifest;
    Json::Value metrics;
    Json::Value patients;
    Json::Value leftOut;                  // Data/SnapshotManifest.h; null where nothing is known
    Json::Value featureMaps;              // of the first fold: {internal, external}; null where there is none
    std::vector<NamedOutcomes> internal;  // of each fold, on the patients that it held out
    std::vector<NamedOutcomes> external;  // of each fold, on the external patients; empty without any
    NamedOutcomes outOfFold;              // all folds together
    NamedOutcomes ensemble;               // or single model, on the external patients or on an evaluation's split

    bool IsEvaluation() const
    {
      return config["kind"] == "evaluate";
    }

    // Of an evaluation: the split that was measured.
    std::string GetSplit() const
    {
      return config["split"].asString();
    }

    bool HasExternal() const
    {
      return !ensemble.outcomes.empty();
    }

    // Throws Error(Conflict) when the run is not finished, Error(Corrupt) for files that are none of ours.
    static RunRecord Read(const std::filesystem::path& folder);
  };
}
