// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/LabelExport.h"

#include "Plugin/Labels/CsvColumns.h"
#include "Plugin/Labels/CsvWriter.h"
#include "Plugin/Labels/LabelFields.h"
#include "Plugin/Support/TimeText.h"

#include <utility>

namespace H3K27M::Labels
{
  namespace
  {
    void AppendRow(std::string& csv, std::vector<std::string> begin, const std::vector<std::string>& fields,
                   std::vector<std::string> end)
    {
      begin.insert(begin.end(), fields.begin(), fields.end());
      begin.insert(begin.end(), end.begin(), end.end());
      AppendCsvRecord(csv, begin);
    }
  }

  ExportedPage ExportLabels(WorkState::WorkStore& store, const WorkState::ReportQuery& query)
  {
    ExportedPage page;
    AppendRow(page.csv, {Columns::STUDY, Columns::STUDY_INSTANCE_UID}, {FIELDS.begin(), FIELDS.end()},
              {Columns::RECORDED, Columns::SYNTHETIC});
    const std::vector<WorkState::StudyLabel> labels = store.GetLabels().List(query);

    for (const WorkState::StudyLabel& label : labels)
    {
      AppendRow(page.csv, {label.studyId, label.studyInstanceUid}, ListFields(label),
                {Support::ToRfc3339(label.recordedAt), label.synthetic ? "true" : "false"});
    }

    // A full page may be the last: asked for, the next one is empty.
    if (!labels.empty() && labels.size() == query.limit)
    {
      page.next = labels.back().studyId;
    }

    return page;
  }
}
