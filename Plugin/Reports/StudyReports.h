// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Archive/RequireStudy.h"
#include "Plugin/Reports/ReportReading.h"
#include "Plugin/Support/Log.h"
#include "Plugin/WorkState/WorkStore.h"

namespace H3K27M::Reports
{
  // The reports of one kind that people make of studies. What counts is the SR in the PACS: of several, the one that
  // was recorded last, wherever it was made. The work store holds a copy of it. Stateless; thread-safe. A Kind says:
  // Row, what the store keeps of a report; NUMBER, of its series; NAME, in messages and audit; METHOD, of the route
  // that makes one; KEEPS_HISTORY, whether earlier ones stay; Read(dataset), the row of an SR, nothing when it is
  // another object; GetTable(store); ToJson(row).
  template <typename Kind>
  class StudyReports
  {
  public:
    using Row = typename Kind::Row;

    // The references must outlive this object.
    StudyReports(Archive::IArchive& archive, WorkState::WorkStore& store, const Volume::VolumeLimits& limits) :
      archive_(archive),
      store_(store),
      files_(archive, limits)
    {
    }

    ReportReading<Row> Read(const Archive::StudySnapshot& study) const
    {
      return ReadReports<Kind>(files_, study);
    }

    // The report that counts, as the PACS has it now. Changes nothing.
    std::optional<Row> Look(const Archive::StudySnapshot& study) const;

    // The same; Error(Corrupt) where reports are there and none of them can be read.
    std::optional<Row> Find(const Archive::StudySnapshot& study) const;

    // The same; Error(NotFound) with the reason when there is none, or no such study.
    Row Require(const std::string& studyId) const;

    // The same, and the copy follows; what was superseded goes where no history is kept.
    std::optional<Row> Settle(const Archive::StudySnapshot& study) const;

    // Stores a report into a study and settles it. Returns what counts now; Error(Conflict) when the study or the
    // report was removed meanwhile.
    Row Put(const Archive::StudySnapshot& before, const ReportFiles::Writer& write) const;

    // Removes a report and its copy. No error when it is gone already.
    void Remove(const std::string& studyId, const std::string& instanceId) const
    {
      files_.Remove(instanceId);
      Kind::GetTable(store_).Remove(studyId, instanceId);
    }

    void Audit(const char* who, const std::string& what, const Row& row) const
    {
      Audit(WorkState::AuditActor{who}, what, row);
    }

    // Of a change that a user asked for, which may be one of many in a request: the request's own entry names none.
    void Audit(const WorkState::AuditActor& actor, const std::string& what, const Row& row) const
    {
      store_.AppendAudit({0, 0, actor.who, Kind::NAME + what, row.studyId,
                          Protocol::WriteCompactJson(Kind::ToJson(row)), actor.role, actor.role.empty() ? "" : "done"});
    }

  private:
    // The copy, when it is right without reading the report: that is there, and no other is.
    std::optional<Row> FindCopy(const Archive::StudySnapshot& study) const;
    void RequireSource(const Archive::StudySnapshot& before, const Archive::StudySnapshot& now) const;

    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    ReportFiles files_;
  };
}

#include "Plugin/Reports/StudyReportsCode.h"
