// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ResultContext.h"
#include "Plugin/WorkState/WorkStore.h"

#include <json/value.h>

#include <optional>

class DcmDataset;

namespace H3K27M::Labels
{
  // What labels are as reports of a study (Plugin/Reports/StudyReports.h).
  struct LabelKind
  {
    using Row = WorkState::StudyLabel;

    static constexpr Results::OwnSeriesNumber NUMBER = Results::OwnSeriesNumber::Label;
    static constexpr const char* NAME = "label";
    static constexpr const char* METHOD = "PUT";
    static constexpr bool KEEPS_HISTORY = false;  // the audit keeps it

    static std::optional<Row> Read(const DcmDataset& dataset);

    static WorkState::LabelTable& GetTable(WorkState::WorkStore& store)
    {
      return store.GetLabels();
    }

    static Json::Value ToJson(const Row& label);
  };
}
