// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/StudyLabels.h"

#include "Plugin/Labels/LabelFields.h"
#include "Plugin/Results/LabelWriter.h"
#include "Plugin/Support/TimeText.h"

#include <algorithm>
#include <utility>

namespace H3K27M::Labels
{
  using WorkState::StudyLabel;

  namespace
  {
    void RequireSeen(const std::string& seen, const std::optional<StudyLabel>& current)
    {
      if (seen == (current ? current->sopInstanceUid : std::string()))
      {
        return;
      }

      const std::string text = current ? "Another label was stored meanwhile: '" + current->genotype + "' by " +
                                           current->annotator + ", at " + Support::ToRfc3339(current->recordedAt)
                                       : "The label that was seen is gone meanwhile";
      throw Error(ErrorCode::Conflict, text + ". Nothing was written");
    }
  }

  StudyLabels::StudyLabels(Archive::IArchive& archive, WorkState::WorkStore& store, const Support::IClock& clock,
                           const Volume::VolumeLimits& limits) :
    archive_(archive),
    clock_(clock),
    reports_(archive, store, limits),
    watcher_(archive, store, reports_)
  {
  }

  StudyLabel StudyLabels::Get(const std::string& studyId) const
  {
    return reports_.Require(studyId);
  }

  std::optional<StudyLabel> StudyLabels::Look(const std::string& studyId) const
  {
    return reports_.Look(Archive::RequireStudy(archive_, studyId));
  }

  bool StudyLabels::WouldChange(const std::string& studyId, const Results::GenotypeLabel& label) const
  {
    const std::optional<StudyLabel> current = Look(studyId);
    return !current || !HaveEqualFields(*current, ToStudyLabel(label));
  }

  LabelChange StudyLabels::Set(const std::string& studyId, Results::GenotypeLabel label, const std::string& source,
                               const std::optional<std::string>& seen, const WorkState::AuditActor& actor) const
  {
    // Without it the later of two at once wins, and none is lost.
    std::optional<Support::StudyClaims::Claim> claim;

    if (seen)
    {
      claim.emplace(claims_, studyId);
    }

    const Archive::StudySnapshot before = Archive::RequireStudy(archive_, studyId);
    const std::optional<StudyLabel> current = reports_.Settle(before);

    if (current && HaveEqualFields(*current, ToStudyLabel(label)))
    {
      return {*current, false};
    }

    if (seen)
    {
      RequireSeen(*seen, current);
    }

    // After the label in force even where the clock of another site runs ahead: what a person sets last counts.
    label.recordedAtMs = std::max(clock_.NowMs(), current ? current->recordedAt + 1 : 0);
    label.source = source;
    StudyLabel settled = reports_.Put(before, [&label](const Reports::ReportOccasion& occasion)
    {
      label.synthetic = occasion.isSynthetic;
      return Results::WriteLabel(occasion.studyHeader, label, occasion.made);
    });

    reports_.Audit(actor, "", settled);
    return {std::move(settled), true};
  }

  std::optional<StudyLabel> StudyLabels::Withdraw(const std::string& studyId,
                                                  const std::optional<std::string>& seen) const
  {
    std::optional<Support::StudyClaims::Claim> claim;

    if (seen)
    {
      claim.emplace(claims_, studyId);
    }

    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);
    const Reports::ReportReading<StudyLabel> reading = reports_.Read(study);

    if (reading.instances.empty())
    {
      throw Error(ErrorCode::NotFound, "Study " + studyId + " has no label");
    }

    std::optional<StudyLabel> current =
      reading.rows.empty() ? std::nullopt : std::optional<StudyLabel>(reading.rows.back());

    if (seen)
    {
      RequireSeen(*seen, current);
    }

    for (const std::string& instance : reading.instances)
    {
      reports_.Remove(studyId, instance);
    }

    for (const StudyLabel& label : reading.rows)
    {
      reports_.Audit("rest", "-withdrawn", label);
    }

    return current;
  }
}
