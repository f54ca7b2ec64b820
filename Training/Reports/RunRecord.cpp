// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/RunRecord.h"

#include "Inference/Protocol/Error.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/OutcomesFile.h"
#include "Training/Runs/RunFiles.h"

namespace H3K27M::Reports
{
  RunRecord RunRecord::Read(const std::filesystem::path& folder)
  {
    if (!std::filesystem::exists(folder / Runs::METRICS_FILE))
    {
      throw Error(ErrorCode::Conflict, folder.string() + " holds no finished run");
    }
    RunRecord record;
    record.config = Runs::ReadJsonFile(folder / Runs::CONFIG_FILE);
    record.manifest = Runs::ReadJsonFile(folder / Runs::MANIFEST_FILE);
    record.metrics = Runs::ReadJsonFile(folder / Runs::METRICS_FILE);
    record.patients = Runs::ReadJsonFile(folder / Runs::PATIENTS_FILE);
    if (std::filesystem::exists(folder / Runs::LEFT_OUT_FILE))
    {
      record.leftOut = Runs::ReadJsonFile(folder / Runs::LEFT_OUT_FILE);
    }
    if (const std::filesystem::path maps = folder / Runs::GetFoldName(0) / Runs::FEATURE_MAPS_FILE;
        std::filesystem::exists(maps))
    {
      record.featureMaps = Runs::ReadJsonFile(maps);
    }
    record.outOfFold.name = "development, out of fold";
    record.ensemble.name = record.IsEvaluation() ? "split " + record.GetSplit() : "external, ensemble";
    const bool hasExternal = !record.metrics["external"].isNull();
    for (Json::ArrayIndex i = 0; i < record.metrics["folds"].size(); i++)
    {
      const std::string name = "fold " + std::to_string(i + 1);
      const std::filesystem::path path = folder / Runs::GetFoldName(i);
      record.internal.push_back({name, Runs::ReadOutcomesFile(path / Runs::OUTCOMES_FILE)});
      const auto& outcomes = record.internal.back().outcomes;
      record.outOfFold.outcomes.insert(record.outOfFold.outcomes.end(), outcomes.begin(), outcomes.end());
      if (hasExternal)
      {
        record.external.push_back({name, Runs::ReadOutcomesFile(path / Runs::EXTERNAL_FILE)});
      }
    }
    if (hasExternal)
    {
      record.ensemble.outcomes = Runs::ReadOutcomesFile(folder / Runs::EXTERNAL_FILE);
    }
    return record;
  }
}
