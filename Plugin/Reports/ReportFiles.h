// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Results/ContentDateTime.h"
#include "Plugin/Results/ResultContext.h"
#include "Plugin/Volume/DicomHeader.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <functional>
#include <optional>
#include <string>

class DcmDataset;

namespace H3K27M::Reports
{
  // What a report is written from: the dataset of an instance of the study, whether its images are synthetic, and when.
  struct ReportOccasion
  {
    const DcmDataset& studyHeader;
    bool isSynthetic = false;
    Results::ContentDateTime made;
  };

  // Files of SRs that people make of studies (labels, reviews): read, stored, removed. Holds no state; thread-safe.
  class ReportFiles
  {
  public:
    using Writer = std::function<Results::DicomInstance(const ReportOccasion& occasion)>;

    // `archive` must outlive this object. `limits` are those of the files that headers are read from.
    ReportFiles(Archive::IArchive& archive, const Volume::VolumeLimits& limits) :
      archive_(archive),
      limits_(limits)
    {
    }

    // Nothing when the report is gone meanwhile. Throws Error(Corrupt) when it cannot be read.
    std::optional<Volume::DicomHeader> Read(const std::string& instanceId) const;

    // Adds a report to the study; patient and study attributes are those of its smallest file. Returns its
    // SOPInstanceUID. Throws Error(BadInput) when no file of the study can be read.
    std::string Store(const Archive::StudySnapshot& study, const Writer& write) const;

    // No error when it is gone already.
    void Remove(const std::string& instanceId) const;

  private:
    Archive::IArchive& archive_;
    Volume::VolumeLimits limits_;
  };
}
