// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ResultContext.h"
#include "Plugin/WorkState/WorkStore.h"

#include <json/value.h>

#include <optional>

class DcmDataset;

namespace H3K27M::Review
{
  // What reviews are as reports of a study (Plugin/Reports/StudyReports.h).
  struct ReviewKind
  {
    using Row = WorkState::StudyReview;

    static constexpr Results::OwnSeriesNumber NUMBER = Results::OwnSeriesNumber::Review;
    static constexpr const char* NAME = "review";
    static constexpr const char* METHOD = "POST";
    static constexpr bool KEEPS_HISTORY = true;  // in the PACS: who answered for what stays on record

    static std::optional<Row> Read(const DcmDataset& dataset);

    static WorkState::ReviewTable& GetTable(WorkState::WorkStore& store)
    {
      return store.GetReviews();
    }

    static Json::Value ToJson(const Row& review);
  };
}
