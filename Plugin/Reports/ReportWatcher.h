// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/IStudyWatcher.h"
#include "Plugin/Reports/StudyReports.h"

namespace H3K27M::Reports
{
  // Keeps the work store's copies of one kind of report equal to the archive: a report that comes with a study from
  // elsewhere fills its copy, one that somebody deletes empties it.
  template <typename Kind>
  class ReportWatcher : public Pipeline::IStudyWatcher
  {
  public:
    using Row = typename Kind::Row;

    // The references must outlive this object.
    ReportWatcher(Archive::IArchive& archive, WorkState::WorkStore& store, const StudyReports<Kind>& reports) :
      archive_(archive),
      store_(store),
      reports_(reports)
    {
    }

    void OnStudy(const Archive::StudySnapshot& study) override;
    void OnSeriesDeleted(const std::string& seriesId) override;
    std::vector<std::string> ListStudies(const std::string& after) override;

  private:
    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    const StudyReports<Kind>& reports_;
  };

  template <typename Kind>
  void ReportWatcher<Kind>::OnStudy(const Archive::StudySnapshot& study)
  {
    const std::optional<Row> before = Kind::GetTable(store_).Find(study.id);
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

  template <typename Kind>
  void ReportWatcher<Kind>::OnSeriesDeleted(const std::string& seriesId)
  {
    const std::optional<Row> row = Kind::GetTable(store_).FindBySeries(seriesId);

    if (!row)
    {
      return;
    }

    if (const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(row->studyId))
    {
      OnStudy(*study);
    }
    else
    {
      Kind::GetTable(store_).Remove(row->studyId, row->instanceId);
    }
  }

  template <typename Kind>
  std::vector<std::string> ReportWatcher<Kind>::ListStudies(const std::string& after)
  {
    WorkState::ReportQuery query;
    query.after = after;
    std::vector<std::string> studies;

    for (Row& row : Kind::GetTable(store_).List(query))
    {
      studies.push_back(std::move(row.studyId));
    }

    return studies;
  }
}
