// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"

#include <string>
#include <vector>

namespace H3K27M::Pipeline
{
  // What beside triage follows the studies of the archive, whatever Triage says: the copies of labels,
  // reviews and masks. Called by the intake's thread alone. What it throws, the intake tries again or logs, as with its
  // own work.
  class IStudyWatcher
  {
  public:
    virtual ~IStudyWatcher() = default;

    // Something of the study came or went, or all studies are looked over.
    virtual void OnStudy(const Archive::StudySnapshot& study) = 0;

    // Nothing when it was not watched. A study that went with its series needs no more than WorkStore::Forget().
    virtual void OnSeriesDeleted(const std::string& seriesId) = 0;

    // The studies it keeps something of, by identifier, a page of those after `after`; empty at the end.
    virtual std::vector<std::string> ListStudies(const std::string& after) = 0;
  };
}
