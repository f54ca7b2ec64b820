// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"
#include "Plugin/WorkState/StudyLabel.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <json/value.h>

#include <map>
#include <optional>
#include <string>

namespace H3K27M::Rest
{
  // Schema `Task`: a row of queue/, without the result.
  Json::Value ToJson(const WorkState::Task& task);

  // Schema `Case`: the row with result, routing and the label in force.
  Json::Value ToCaseJson(const WorkState::Task& task, const std::optional<WorkState::StudyLabel>& label);

  // Schema `CaseSummary`: the rows of the worklist, with their labels by study.
  Json::Value ToWorklistJson(const WorkState::TaskPage& page, const WorkState::TaskQuery& query,
                             const std::map<std::string, WorkState::StudyLabel>& labels);

  // Reads state, priority, order, descending, minimum-probability, offset and limit from a query. Throws
  // Error(BadInput) naming the parameter.
  WorkState::TaskQuery ParseTaskQuery(const Request& request);

  // Schema `TaskPage`.
  Json::Value ToQueueJson(const WorkState::TaskPage& page, const WorkState::TaskQuery& query);
}
