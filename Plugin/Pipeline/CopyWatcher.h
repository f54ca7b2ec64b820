// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/IStudyWatcher.h"
#include "Plugin/WorkState/ReportTable.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace H3K27M::Pipeline
{
  // What all watchers share that keep a row for each study in a table of the work store, a copy of what stands in the
  // archive: which studies they keep something of, and what is to be done when its series goes.
  template <typename Row>
  class CopyWatcher : public IStudyWatcher
  {
  public:
    // The references must outlive this object.
    CopyWatcher(Archive::IArchive& archive, WorkState::ReportTable<Row>& table) :
      archive_(archive),
      table_(table)
    {
    }

    void OnSeriesDeleted(const std::string& seriesId) override
    {
      const std::optional<Row> row = table_.FindBySeries(seriesId);

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
        table_.Remove(row->studyId, row->instanceId);
      }
    }

    std::vector<std::string> ListStudies(const std::string& after) override
    {
      WorkState::ReportQuery query;
      query.after = after;
      std::vector<std::string> studies;

      for (Row& row : table_.List(query))
      {
        studies.push_back(std::move(row.studyId));
      }

      return studies;
    }

  protected:
    Archive::IArchive& archive_;
    WorkState::ReportTable<Row>& table_;
  };
}
