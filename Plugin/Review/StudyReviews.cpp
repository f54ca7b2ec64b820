// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/StudyReviews.h"

#include "Plugin/Results/ReviewWriter.h"
#include "Plugin/Support/TimeText.h"

#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>

namespace H3K27M::Review
{
  using WorkState::StudyReview;

  namespace
  {
    // All faults at once: the reader looks at the case once more.
    void RequireSeen(const ReviewRequest& request, const ReviewableResult& now, const std::optional<StudyReview>& last)
    {
      const std::string result = now.GetReportUid();
      const std::string mask = now.GetMaskUid();
      std::string text;

      if (request.result != result)
      {
        text = result.empty()
                 ? "The model's result that was looked at is not in the study (any more). "
                 : "The model's result is another than the one that was looked at: it is now " + result + ". ";
      }

      if (request.mask && *request.mask != mask)
      {
        text += mask.empty() ? "The mask that was looked at is not in the study (any more). "
                             : "The mask that a person drew is another than was looked at: it is now " + mask + ". ";
      }

      if (request.replaces != (last ? last->sopInstanceUid : std::string()))
      {
        text += last ? "Another review was stored meanwhile: '" + last->decision + "' by " + last->reviewer + ", " +
                         last->organisation + ", at " + Support::ToRfc3339(last->recordedAt) + ". "
                     : "The review that was seen is gone meanwhile. ";
      }

      if (!text.empty())
      {
        throw Error(ErrorCode::Conflict, text + "Nothing was written");
      }
    }

    void RequireCorrection(const Results::CaseReview& review)
    {
      if (review.decision == Results::ReviewDecision::Corrected && !review.status && !review.humanMask)
      {
        throw Error(ErrorCode::BadInput, "The review is refused: 'status' must be 'altered' or 'wild-type', because no "
                                         "mask that a person drew is there to stand for the correction");
      }
    }
  }

  StudyReviews::StudyReviews(Archive::IArchive& archive, WorkState::WorkStore& store, const Support::IClock& clock,
                             const Volume::VolumeLimits& limits, Support::StudyClaims& claims) :
    archive_(archive),
    store_(store),
    clock_(clock),
    masks_(archive, limits),
    reports_(archive, store, limits),
    watcher_(archive, store, reports_),
    claims_(claims)
  {
  }

  StudyReview StudyReviews::Get(const std::string& studyId) const
  {
    return reports_.Require(studyId);
  }

  StudyReviews::Situation StudyReviews::Look(const std::string& studyId,
                                             const std::optional<std::string>& seenMask) const
  {
    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);
    const ReviewableResult result = FindReviewableResult(study, store_, masks_, seenMask);
    return {result.GetReportUid(), result.GetMaskUid(), reports_.Look(study)};
  }

  StudyReview StudyReviews::Add(const std::string& studyId, ReviewRequest request)
  {
    const Support::StudyClaims::Claim claim(claims_, studyId, ErrorCode::Conflict);
    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);
    const std::optional<StudyReview> last = reports_.Settle(study);
    const ReviewableResult result = FindReviewableResult(study, store_, masks_, request.mask);
    RequireSeen(request, result, last);

    Results::CaseReview& review = request.review;
    review.report = result.report;
    review.modelMask = result.modelMask;
    review.humanMask = result.humanMask;
    RequireCorrection(review);

    // After the last review even where the clock of another site runs ahead: what a person says last counts.
    review.reviewedAtMs = std::max(clock_.NowMs(), last ? last->recordedAt + 1 : 0);

    if (last)
    {
      const Archive::SeriesSnapshot* const series = study.FindSeries(last->seriesId);
      const std::string seriesUid = series == nullptr ? std::string() : series->seriesInstanceUid;
      review.earlierReview = Results::ReviewedObject{UID_EnhancedSRStorage, seriesUid, last->sopInstanceUid};
    }

    StudyReview stored = Store(study, review);
    reports_.Audit("rest", "", stored);
    return stored;
  }

  StudyReview StudyReviews::Store(const Archive::StudySnapshot& study, const Results::CaseReview& review) const
  {
    std::string own;
    StudyReview last = reports_.Put(study, [&review, &own](const Reports::ReportOccasion& occasion)
    {
      Results::CaseReview written = review;
      written.synthetic = occasion.isSynthetic;
      Results::DicomInstance report = Results::WriteReview(occasion.studyHeader, written, occasion.made);
      own = report.sopInstanceUid;
      return report;
    });

    // From another server of this archive, in the same moment: nothing is lost, and it is not passed off as ours.
    if (last.sopInstanceUid != own)
    {
      throw Error(ErrorCode::Conflict, "Another site reviewed study " + study.id +
                                         " at the same moment, and that review is the later one; this one stays in the "
                                         "study as an earlier review");
    }

    return last;
  }
}
