// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/CaseReview.h"

#include "Plugin/Results/ReviewTerms.h"

namespace H3K27M::Results
{
  namespace
  {
    constexpr std::size_t MAXIMUM_REASON = 1024;

    void CheckDecision(std::vector<FieldFault>& faults, const CaseReview& review)
    {
      const bool needsReport =
        review.decision == ReviewDecision::Accepted || review.decision == ReviewDecision::Rejected;

      if (needsReport && !review.report)
      {
        faults.push_back({"decision", "'" + GetTerm(ReviewDecision::Corrected).name + "' or '" +
                                        GetTerm(ReviewDecision::Uncertain).name +
                                        "', because no result of the model was looked at"});
      }
    }

    void CheckStatus(std::vector<FieldFault>& faults, const CaseReview& review)
    {
      if (review.status && review.decision != ReviewDecision::Corrected)
      {
        faults.push_back({"status", "absent, because the decision is not to correct"});
      }
      else if (review.status == GenotypeStatus::NotDetermined)
      {
        faults.push_back({"status", ListNames<GenotypeStatus>()});
      }
    }

    void CheckReason(std::vector<FieldFault>& faults, const CaseReview& review)
    {
      const bool isNeeded = review.decision == ReviewDecision::Rejected || review.decision == ReviewDecision::Uncertain;

      if (isNeeded || !review.reason.empty())
      {
        CheckLine(faults, "reason", review.reason, MAXIMUM_REASON);
      }
    }
  }

  std::vector<FieldFault> FindFaults(const CaseReview& review)
  {
    std::vector<FieldFault> faults;
    CheckDecision(faults, review);
    CheckStatus(faults, review);
    CheckReason(faults, review);
    CheckName(faults, "reviewer", review.reviewer);
    CheckName(faults, "organisation", review.organisation);
    CheckTime(faults, "reviewed", review.reviewedAtMs);
    return faults;
  }
}
