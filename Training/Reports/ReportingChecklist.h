// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/RunRecord.h"
#include "Training/Reports/Table.h"

#include <string>

namespace H3K27M::Reports
{
  // What the reporting guidelines TRIPOD+AI (Collins et al., BMJ 2024) and CLAIM (Mongan et al., 2020) ask for, as far
  // as a run can know it; what only people can say is left to them, and says so. `modelFolder`: where the run left the
  // model, as seen from the folder of the report's run.
  Table MakeChecklist(const RunRecord& run, const std::string& modelFolder = "model/");
}
