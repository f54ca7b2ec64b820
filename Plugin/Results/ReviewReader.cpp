// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/ReviewReader.h"

#include "Plugin/Results/ReportCodes.h"
#include "Plugin/Results/ReviewTerms.h"
#include "Plugin/Results/SrContent.h"

namespace H3K27M::Results
{
  namespace
  {
    std::optional<ReviewedObject> FindObject(const SrContent& sr, const Code& name)
    {
      const auto [sopClassUid, sopInstanceUid] = sr.FindReference(name);

      if (sopInstanceUid.empty())
      {
        return std::nullopt;
      }

      return ReviewedObject{sopClassUid, sr.FindEvidenceSeries(sopInstanceUid), sopInstanceUid};
    }
  }

  std::optional<CaseReview> ReadReview(const DcmDataset& dataset)
  {
    const std::optional<SrContent> sr = SrContent::Open(dataset, Codes::REVIEW_TITLE, "review report");

    if (!sr)
    {
      return std::nullopt;
    }

    CaseReview review;
    review.decision = sr->RequireTerm<ReviewDecision>(Codes::REVIEW_DECISION);
    review.status = sr->FindTerm<GenotypeStatus>(Codes::READ_STATUS);
    review.reason = sr->FindText(Codes::REVIEW_REASON);
    review.reviewer = sr->FindText(Codes::REVIEWER);
    review.organisation = sr->FindText(Codes::REVIEWER_ORGANISATION);
    review.synthetic = sr->ChooseCode(Codes::REVIEWED_IMAGES, Codes::IMAGES_OF_PHANTOM, Codes::IMAGES_OF_PATIENT);
    review.reviewedAtMs = sr->FindTime(Codes::RECORDED_AT);
    review.report = FindObject(*sr, Codes::REVIEWED_REPORT);
    review.modelMask = FindObject(*sr, Codes::REVIEWED_MODEL_MASK);
    review.humanMask = FindObject(*sr, Codes::REVIEWED_HUMAN_MASK);
    review.earlierReview = FindObject(*sr, Codes::EARLIER_REVIEW);
    ThrowIfAny(FindFaults(review), ErrorCode::Corrupt, "A review report holds what no review may");
    return review;
  }
}
