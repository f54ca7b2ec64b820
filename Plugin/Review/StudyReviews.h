// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/MaskStore.h"
#include "Plugin/Reports/ReportWatcher.h"
#include "Plugin/Review/ReviewFields.h"
#include "Plugin/Review/ReviewKind.h"
#include "Plugin/Review/ReviewableResult.h"
#include "Plugin/Support/StudyClaims.h"

#include <optional>
#include <string>

namespace H3K27M::Review
{
  // What readers say of the studies: each review is an SR in the PACS, all stay, and the last counts, wherever it was
  // made. A review is written only by who has seen the current result, the mask that it refers to, and the last review.
  // The work store holds a copy of the last. Thread-safe. All throw Error(NotFound) when there is no such study.
  class StudyReviews
  {
  public:
    // What a reader must have seen.
    struct Situation
    {
      std::string result;                            // SOPInstanceUID of the model's report; empty: none
      std::string mask;                              // SOPInstanceUID of the mask that a person drew; empty: none
      std::optional<WorkState::StudyReview> review;  // the last
    };

    // The references must outlive this object. `claims`: those of the masks, which a review refers to.
    StudyReviews(Archive::IArchive& archive, WorkState::WorkStore& store, const Support::IClock& clock,
                 const Volume::VolumeLimits& limits, Support::StudyClaims& claims);

    // The last review, as the PACS has it now; Error(NotFound) with the reason when there is none. Changes nothing.
    WorkState::StudyReview Get(const std::string& studyId) const;

    // What is there now; `seenMask` as ReviewRequest::mask. Changes nothing.
    Situation Look(const std::string& studyId, const std::optional<std::string>& seenMask = {}) const;

    // Adds a review. Throws Error(Conflict), and writes nothing, when the reader had not seen what is there now; Error(
    // BadInput) when neither a status nor a mask of a person corrects anything.
    WorkState::StudyReview Add(const std::string& studyId, ReviewRequest request);

    // What follows the archive.
    Pipeline::IStudyWatcher& GetWatcher()
    {
      return watcher_;
    }

  private:
    WorkState::StudyReview Store(const Archive::StudySnapshot& study, const Results::CaseReview& review) const;

    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    const Support::IClock& clock_;
    Masks::MaskStore masks_;
    Reports::StudyReports<ReviewKind> reports_;
    Reports::ReportWatcher<ReviewKind> watcher_;
    Support::StudyClaims& claims_;
  };
}
