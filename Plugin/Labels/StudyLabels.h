// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Labels/LabelKind.h"
#include "Plugin/Reports/ReportWatcher.h"
#include "Plugin/Results/GenotypeLabel.h"
#include "Plugin/Support/StudyClaims.h"

#include <optional>
#include <string>

namespace H3K27M::Labels
{
  struct LabelChange
  {
    WorkState::StudyLabel label;  // in force now
    bool changed = false;         // false: the same fields stood there already, and nothing was written
  };

  // The labels of studies. What counts is the SR in the PACS: of several, the one that was recorded last is in force,
  // wherever it was made. A new one is stored before the earlier ones are removed, and whoever removes spares the last,
  // so that neither a crash nor two writers at once lose a label. The work store holds a copy, and the audit each label
  // that ever was. Thread-safe. All throw Error(NotFound) when there is no such study.
  class StudyLabels
  {
  public:
    // The references must outlive this object.
    StudyLabels(Archive::IArchive& archive, WorkState::WorkStore& store, const Support::IClock& clock,
                const Volume::VolumeLimits& limits);

    // The label in force, as the PACS has it now; Error(NotFound) with the reason when there is none. Changes nothing.
    WorkState::StudyLabel Get(const std::string& studyId) const;

    // The same; nothing when there is no label.
    std::optional<WorkState::StudyLabel> Look(const std::string& studyId) const;

    // Puts a label in force. `source` says how it came here ("REST", ...). Error(Conflict) when the study or the label
    // was removed meanwhile; also, and nothing is written, when `seen` says which label was in force (SOPInstanceUID;
    // empty: none) and another one is now. Error(Busy), which is no conflict yet, while another such request is under
    // way. `actor` goes into the audit.
    LabelChange Set(const std::string& studyId, Results::GenotypeLabel label, const std::string& source,
                    const std::optional<std::string>& seen = std::nullopt,
                    const WorkState::AuditActor& actor = {"rest"}) const;

    // Whether Set() would change something. Changes nothing.
    bool WouldChange(const std::string& studyId, const Results::GenotypeLabel& label) const;

    // Removes every label report of the study, unreadable ones too. Returns what was in force, which is nothing where
    // none could be read; Error(NotFound) when there is no report. With `seen` as Set().
    std::optional<WorkState::StudyLabel> Withdraw(const std::string& studyId,
                                                  const std::optional<std::string>& seen = std::nullopt) const;

    // What follows the archive.
    Pipeline::IStudyWatcher& GetWatcher()
    {
      return watcher_;
    }

  private:
    Archive::IArchive& archive_;
    const Support::IClock& clock_;
    Reports::StudyReports<LabelKind> reports_;
    Reports::ReportWatcher<LabelKind> watcher_;
    mutable Support::StudyClaims claims_;
  };
}
