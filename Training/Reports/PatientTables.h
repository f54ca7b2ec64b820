// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/Table.h"

#include <json/value.h>

#include <optional>

namespace H3K27M::Reports
{
  // Of Runs::DescribePatients(). Who came in and who was left out, by reason (the paper's figure S1).
  Table MakeFlowTable(const Json::Value& patients);

  // Age by Welch's t, sex by Fisher's exact test, per genotype and split (table S2); columns `age` (years) and `sex` of
  // participants.tsv, where it has them.
  Table MakeDemographicsTable(const Json::Value& patients);

  // The other half of table S2: age and sex per site and split, of the same columns and of `site`, tested between the
  // sites of a split. Empty where fewer than two sites are known.
  std::optional<Table> MakeSiteTable(const Json::Value& patients);

  // How the images were acquired, per site (table S1): the columns site, manufacturer, model, field_strength_t,
  // repetition_time_ms, echo_time_ms, slice_thickness_mm of participants.tsv, where it has them.
  Table MakeAcquisitionTable(const Json::Value& patients);
}
