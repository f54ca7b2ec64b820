// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/ReviewFields.h"

#include "Plugin/Reports/FieldReader.h"
#include "Plugin/Results/ReviewTerms.h"

namespace H3K27M::Review
{
  using namespace Results;

  ReviewRequest ParseReview(const Json::Value& body)
  {
    Reports::FieldReader reader(
      "review", {"decision", "status", "reason", "reviewer", "organisation", "result", "mask", "replaces"});
    reader.Take(body);

    ReviewRequest request;
    request.result = reader.GetText("result");
    request.replaces = reader.GetText("replaces");

    if (reader.Has("mask"))
    {
      request.mask = reader.GetText("mask");
    }

    CaseReview& review = request.review;
    review.decision = reader.ReadTerm<ReviewDecision>("decision", true).value_or(ReviewDecision::Uncertain);
    review.status = reader.ReadTerm<GenotypeStatus>("status", false);
    review.reason = reader.GetText("reason");
    review.reviewer = reader.GetText("reviewer");
    review.organisation = reader.GetText("organisation");

    // Which decisions are possible depends on it; where it stands is not known yet.
    if (!request.result.empty())
    {
      review.report = ReviewedObject{{}, {}, request.result};
    }

    std::vector<FieldFault> faults = FindFaults(review);

    // Neither a status nor a reason can be wrong for a decision that is none.
    if (reader.HasRefused("decision"))
    {
      std::erase_if(faults, [](const FieldFault& fault) { return fault.key == "status" || fault.key == "reason"; });
    }

    reader.Refuse(faults);
    reader.ThrowFaults();
    return request;
  }

  WorkState::StudyReview ToStudyReview(const CaseReview& review)
  {
    WorkState::StudyReview row;
    row.decision = GetTerm(review.decision).name;
    row.status = review.status ? GetTerm(*review.status).name : std::string();
    row.reason = review.reason;
    row.reviewer = review.reviewer;
    row.organisation = review.organisation;
    row.reportUid = review.report ? review.report->sopInstanceUid : std::string();
    row.synthetic = review.synthetic;
    row.recordedAt = review.reviewedAtMs;
    return row;
  }
}
