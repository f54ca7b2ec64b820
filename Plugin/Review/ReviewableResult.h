// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Masks/MaskStore.h"
#include "Plugin/Results/CaseReview.h"
#include "Plugin/WorkState/WorkStore.h"

#include <optional>
#include <string>

namespace H3K27M::Review
{
  // What stands in a study for a reader to look at.
  struct ReviewableResult
  {
    std::optional<Results::ReviewedObject> report;     // the model's; none where it made none, or stored none
    std::optional<Results::ReviewedObject> modelMask;  // none where it found no tumour
    std::optional<Results::ReviewedObject> humanMask;  // a person's newest of the series that the result was made of

    std::string GetReportUid() const
    {
      return report ? report->sopInstanceUid : std::string();
    }

    std::string GetMaskUid() const
    {
      return humanMask ? humanMask->sopInstanceUid : std::string();
    }
  };

  // The result that the work store knows of, as far as it stands in the PACS: with `Triage: shadow` it does not.
  // `seenMask`: of the mask that a reader says to have seen, see ReviewRequest; it decides which one is meant where no
  // result names a series. Throws Error(Corrupt) when a person's mask cannot be read.
  ReviewableResult FindReviewableResult(const Archive::StudySnapshot& study, WorkState::WorkStore& store,
                                        const Masks::MaskStore& masks, const std::optional<std::string>& seenMask);
}
