// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/ReviewKind.h"

#include "Plugin/Results/ReviewReader.h"
#include "Plugin/Review/ReviewFields.h"
#include "Plugin/Review/ReviewJson.h"

namespace H3K27M::Review
{
  std::optional<WorkState::StudyReview> ReviewKind::Read(const DcmDataset& dataset)
  {
    const std::optional<Results::CaseReview> review = Results::ReadReview(dataset);
    return review ? std::optional(ToStudyReview(*review)) : std::nullopt;
  }

  Json::Value ReviewKind::ToJson(const WorkState::StudyReview& review)
  {
    return Review::ToJson(review);
  }
}
