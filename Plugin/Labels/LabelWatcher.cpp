// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/LabelWatcher.h"

namespace H3K27M::Labels
{
  void LabelWatcher::OnStudy(const Archive::StudySnapshot& study)
  {
    labels_.Refresh(study);
  }

  void LabelWatcher::OnSeriesDeleted(const std::string& seriesId)
  {
    const std::optional<WorkState::StudyLabel> label = store_.FindLabelBySeries(seriesId);

    if (!label)
    {
      return;
    }

    if (const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(label->studyId))
    {
      labels_.Refresh(*study);
    }
    else
    {
      store_.RemoveLabel(label->studyId, label->instanceId);
    }
  }

  std::vector<std::string> LabelWatcher::ListStudies(const std::string& after)
  {
    WorkState::LabelQuery query;
    query.after = after;
    std::vector<std::string> studies;

    for (WorkState::StudyLabel& label : store_.ListLabels(query))
    {
      studies.push_back(std::move(label.studyId));
    }

    return studies;
  }
}
