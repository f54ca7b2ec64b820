// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/CopyWatcher.h"
#include "Plugin/Reports/StudyReports.h"

namespace H3K27M::Reports
{
  // Keeps the work store's copies of one kind of report equal to the archive: a report that comes with a study from
  // elsewhere fills its copy, one that somebody deletes empties it.
  template <typename Kind>
  class ReportWatcher : public Pipeline::CopyWatcher<typename Kind::Row>
  {
  public:
    using Row = typename Kind::Row;

    // The references must outlive this object.
    ReportWatcher(Archive::IArchive& archive, WorkState::WorkStore& store, const StudyReports<Kind>& reports) :
      Pipeline::CopyWatcher<Row>(archive, Kind::GetTable(store)),
      reports_(reports)
    {
    }

    void OnStudy(const Archive::StudySnapshot& study) override;

  private:
    const StudyReports<Kind>& reports_;
  };

  template <typename Kind>
  void ReportWatcher<Kind>::OnStudy(const Archive::StudySnapshot& study)
  {
    const std::optional<Row> before = this->table_.Find(study.id);
    const std::optional<Row> now = reports_.Settle(study);

    if (now && now != before)
    {
      reports_.Audit("archive", "-received", *now);
    }
    else if (before && !now)
    {
      reports_.Audit("archive", "-removed", *before);
    }
  }
}
