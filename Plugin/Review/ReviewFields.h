// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/CaseReview.h"
#include "Plugin/WorkState/StudyReview.h"

#include <json/value.h>

#include <optional>
#include <string>

namespace H3K27M::Review
{
  // What a person posts: the review, and what that person had seen.
  struct ReviewRequest
  {
    Results::CaseReview review;       // time, and the objects that it refers to, are left to StudyReviews
    std::string result;               // SOPInstanceUID of the model's report that was looked at; empty: there was none
    std::optional<std::string> mask;  // SOPInstanceUID of the person's mask that was seen; empty: none; absent: unsaid
    std::string replaces;             // SOPInstanceUID of the review that counted; empty: there was none
  };

  // From the body of a request. Throws Error(BadInput) with every fault at once, each with its key: unknown keys, wrong
  // types and values, what is missing, what contradicts another field.
  ReviewRequest ParseReview(const Json::Value& body);

  // The review as the work store keeps it; identifiers are left to the caller.
  WorkState::StudyReview ToStudyReview(const Results::CaseReview& review);
}
