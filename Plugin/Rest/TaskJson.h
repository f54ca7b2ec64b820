// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <json/value.h>

namespace H3K27M::Rest
{
  // Schema `Task`: a row of queue/ and of the worklist, without the result.
  Json::Value ToJson(const WorkState::Task& task);

  // Schema `Case`: the row with result and routing.
  Json::Value ToCaseJson(const WorkState::Task& task);

  // Reads state, priority, order, descending, minimum-probability, offset and limit from a query. Throws
  // Error(BadInput) naming the parameter.
  WorkState::TaskQuery ParseTaskQuery(const Request& request);

  // {total, offset, limit, <name>: [...]}
  Json::Value ToPageJson(const WorkState::TaskPage& page, const WorkState::TaskQuery& query, const char* name);
}
