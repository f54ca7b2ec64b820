// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Labels/StudyLabels.h"
#include "Plugin/Pipeline/IStudyWatcher.h"

namespace H3K27M::Labels
{
  // Keeps the work store's copy of the labels equal to the archive: a label that comes with a study from elsewhere
  // fills it, one that somebody deletes empties it.
  class LabelWatcher : public Pipeline::IStudyWatcher
  {
  public:
    // The references must outlive this object.
    LabelWatcher(Archive::IArchive& archive, WorkState::WorkStore& store, const StudyLabels& labels) :
      archive_(archive),
      store_(store),
      labels_(labels)
    {
    }

    void OnStudy(const Archive::StudySnapshot& study) override;
    void OnSeriesDeleted(const std::string& seriesId) override;
    std::vector<std::string> ListStudies(const std::string& after) override;

  private:
    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    const StudyLabels& labels_;
  };
}
