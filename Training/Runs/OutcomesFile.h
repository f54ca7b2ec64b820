// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/OutcomesJson.h"
#include "Training/Runs/JsonFile.h"

#include <filesystem>
#include <vector>

namespace H3K27M::Runs
{
  // Of OUTCOMES_FILE or EXTERNAL_FILE. Throws what ReadJsonFile() and Evaluation::ReadOutcomes() throw.
  inline std::vector<Evaluation::CaseOutcome> ReadOutcomesFile(const std::filesystem::path& path)
  {
    return Evaluation::ReadOutcomes(ReadJsonFile(path));
  }
}
