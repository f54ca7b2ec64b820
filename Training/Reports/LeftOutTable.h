// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/Table.h"

#include <json/value.h>

#include <optional>
#include <string>

namespace H3K27M::Reports
{
  // The labelled studies that a snapshot left out, by reason: what the flow of patients does not show (the paper's
  // figure S1). `leftOut`: of Data/SnapshotManifest.h. With a `split` those of that one, and those of which nobody
  // knows it. Empty where there are none.
  std::optional<Table> MakeLeftOutTable(const Json::Value& leftOut, const std::string& split);
}
