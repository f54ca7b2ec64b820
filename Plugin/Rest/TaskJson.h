// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"
#include "Plugin/WorkState/StudyLabel.h"
#include "Plugin/WorkState/StudyMask.h"
#include "Plugin/WorkState/StudyReview.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <json/value.h>

#include <map>
#include <string>
#include <vector>

namespace H3K27M::WorkState
{
  class WorkStore;
}

namespace H3K27M::Rest
{
  // Schema `Task`: a row of queue/, without the result.
  Json::Value ToJson(const WorkState::Task& task);

  // What people said of studies, and drew, by study.
  struct PersonReports
  {
    std::map<std::string, WorkState::StudyLabel> labels;
    std::map<std::string, WorkState::StudyReview> reviews;
    std::map<std::string, WorkState::StudyMask> masks;
  };

  PersonReports FindReports(WorkState::WorkStore& store, const std::vector<std::string>& studies);

  // Schema `UnseenStudy`: what people said of a study that has no task.
  Json::Value ToUnseenJson(const PersonReports& reports, const std::string& study);

  // Schema `Case`: the row with result, routing, the label in force and the last review.
  Json::Value ToCaseJson(const WorkState::Task& task, const PersonReports& reports);

  // Schema `CaseSummary`: the rows of the worklist, with the model that computed them, their labels, reviews and masks.
  Json::Value ToWorklistJson(const WorkState::TaskPage& page, const WorkState::TaskQuery& query,
                             const PersonReports& reports);

  // The value of the query parameter `label`. Throws Error(BadInput).
  WorkState::LabelFilter ParseLabelFilter(const std::string& text);

  // Reads state, priority, order, descending, minimum-probability, reviewed, masked, label, needs-person, offset and
  // limit from a query. Throws Error(BadInput) naming the parameter.
  WorkState::TaskQuery ParseTaskQuery(const Request& request);

  // Schema `TaskPage`.
  Json::Value ToQueueJson(const WorkState::TaskPage& page, const WorkState::TaskQuery& query);
}
