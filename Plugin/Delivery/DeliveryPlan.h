// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Settings/DeliverySettings.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <span>
#include <string>
#include <vector>

namespace H3K27M::Delivery
{
  // What the rules make of a result that was just computed: one order for each rule that it meets. Nothing for a result
  // that is not in the PACS (Triage: shadow), and nothing by a rule that would have no object to send. A study of
  // several results meets a condition when one of them does, and is sent on as a whole.
  std::vector<WorkState::DeliveryOrder> PlanDeliveries(std::span<const Settings::DeliveryRuleSettings> rules,
                                                       const WorkState::TaskResult& result);

  // The key of those orders, from the JSON of a task's result: equal for equal results, and another once patient or
  // study were corrected in their objects. Empty where nothing is to be sent on of it: none, refused, or not in the
  // PACS.
  std::string MakeResultKey(const std::string& resultJson);

  // What such a key says to others: SOPInstanceUIDs of the reports, separated by blanks.
  std::string ListReports(const std::string& resultKey);
}
