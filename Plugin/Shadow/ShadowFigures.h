// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/WorkStore.h"

#include <json/value.h>

#include <string>

namespace H3K27M::Shadow
{
  // How a candidate's answers compare with those of the model in force, over the newest studies, at most
  // ShadowTable::MAX_PAGE: {studies, faults, calls: {both_altered, both_wild_type, candidate_altered_alone,
  // current_altered_alone, one_undetermined}, mean_difference, mean_absolute_difference (of the probability of
  // alteration where both state one, candidate minus current; null: nowhere), tumours: {both, candidate_alone,
  // current_alone, none}, against_labels: {altered: {cases, candidate_right, current_right}, wild_type: {...}}}.
  // Counts and no test: which studies a PACS gets is chance; the runs compare models on one and the same patients.
  Json::Value SummariseShadow(WorkState::WorkStore& store, const WorkState::ShadowModel& candidate);

  // [{study, study_instance_uid, candidate, current, fault, compared_at}], the newest first.
  Json::Value ListShadow(WorkState::WorkStore& store, const WorkState::ShadowModel& candidate, std::size_t limit);
}
