// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/FieldFault.h"
#include "Plugin/Results/Prediction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Results
{
  enum class ReviewDecision
  {
    Accepted,   // the model's result as it stands
    Rejected,   // it is wrong, or of no use
    Corrected,  // the reader puts a status, a mask or both in its place
    Uncertain
  };

  // An object of the study that a review refers to.
  struct ReviewedObject
  {
    std::string sopClassUid;
    std::string seriesInstanceUid;
    std::string sopInstanceUid;

    bool operator==(const ReviewedObject&) const = default;
  };

  // What a reader says of the model's result, or of the images where there is none. A reading, never ground truth.
  struct CaseReview
  {
    ReviewDecision decision = ReviewDecision::Uncertain;
    std::optional<GenotypeStatus> status;  // Altered or WildType, of corrections; none: only the mask was corrected
    std::string reason;             // UTF-8, one line; of rejections and of what is uncertain, else it may be empty
    std::string reviewer;           // UTF-8
    std::string organisation;       // UTF-8
    std::int64_t reviewedAtMs = 0;  // milliseconds since 1970 UTC
    bool synthetic = false;         // of a phantom

    std::optional<ReviewedObject> report;         // the model's; none where it made none
    std::optional<ReviewedObject> modelMask;      // its segmentation
    std::optional<ReviewedObject> humanMask;      // a person's, that stood in the study
    std::optional<ReviewedObject> earlierReview;  // the one that counted until then

    bool operator==(const CaseReview&) const = default;
  };

  // Every fault, not only the first: a reason that is missing, a status that is none or does not belong, a name that is
  // none, a verdict on a result that is not there, an impossible time.
  std::vector<FieldFault> FindFaults(const CaseReview& review);
}
