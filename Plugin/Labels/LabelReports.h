// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Results/GenotypeLabel.h"
#include "Plugin/Volume/VolumeLimits.h"
#include "Plugin/WorkState/StudyLabel.h"

#include <string>
#include <vector>

namespace H3K27M::Labels
{
  // The label reports of one study, as they were read.
  struct ReportReading
  {
    std::vector<WorkState::StudyLabel> labels;  // by time of recording: the last is in force
    std::vector<std::string> instances;         // Orthanc identifiers of all of them, those that cannot be read too
    std::string fault;                          // why some cannot be read; empty when all can
  };

  // Label SRs in the archive: read, written, removed. Holds no state; thread-safe.
  class LabelReports
  {
  public:
    // `archive` must outlive this object. `limits` are those of the files that headers are read from.
    LabelReports(Archive::IArchive& archive, const Volume::VolumeLimits& limits) :
      archive_(archive),
      limits_(limits)
    {
    }

    ReportReading Read(const Archive::StudySnapshot& study) const;

    // Adds a report to the study; patient and study attributes are those of its smallest file. A study of phantoms
    // makes the label synthetic. Throws Error(BadInput) when no file of the study can be read.
    void Store(const Archive::StudySnapshot& study, Results::GenotypeLabel label) const;

    // No error when it is gone already.
    void Remove(const std::string& instanceId) const;

  private:
    Archive::IArchive& archive_;
    Volume::VolumeLimits limits_;
  };
}
