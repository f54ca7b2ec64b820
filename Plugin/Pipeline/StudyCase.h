// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/SeriesReader.h"
#include "Plugin/Pipeline/SeriesResult.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <span>
#include <string>

namespace H3K27M::Pipeline
{
  // What the work store keeps of a study: the best result's fields on top, the others below `further_results`, and the
  // verdict on each series, with why a candidate stands behind the best one, unless a person has chosen.
  WorkState::TaskResult DescribeCase(std::span<const SeriesResult> results, std::span<const SeriesReading> readings);

  // Why a series was not taken, in one line.
  std::string JoinReasons(const SeriesReading& reading);

  // A sentence for a person: which series were looked at and why none was taken; of one that a person chose, why that
  // was not.
  std::string ExplainRefusal(std::span<const SeriesReading> readings,
                             Routing::Contrast contrast = Routing::Contrast::T2w);
}
