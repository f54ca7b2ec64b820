// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Volume
{
  struct SourceSeries;
}

namespace H3K27M::Results
{
  enum class ResultRole
  {
    Segmentation,
    SegmentationSeries,
    Saliency,
    SaliencySeries,
    Report,
    ReportSeries,
    TumourTracking,  // Tracking UID that SEG and SR share
    DimensionOrganization,
    ReferenceMask,  // a mask that a person (or the phantom generator) drew
    ReferenceMaskSeries,
    ReferenceTracking
  };

  // Fixed UIDs of everything made from one series: 2.25.<UUID version 5 as a decimal number> (PS3.5 annex B.2) over the
  // source series UID, the sorted source SOP instance UIDs, the hashes of model and configuration, and the role. The
  // same input gives the same UIDs on each machine, so a second making replaces and never duplicates.
  class ResultIdentity
  {
  public:
    // Both hashes are lower-case hexadecimal text or any other text without line breaks; neither may be empty.
    // Throws BadInput when one is, or when the series holds no instance.
    ResultIdentity(const Volume::SourceSeries& source, const std::string& modelHash,
                   const std::string& configurationHash);

    // `sopInstanceUids` in any order; those that occur several times (frames of one instance) count once.
    ResultIdentity(const std::string& seriesInstanceUid, std::vector<std::string> sopInstanceUids,
                   const std::string& modelHash, const std::string& configurationHash);

    // `index` numbers the instances of a role that has several (saliency images): 0 for all others.
    std::string GetUid(ResultRole role, unsigned index = 0) const;

  private:
    std::string ingredients_;
  };

  // 2.25.<UUID version 5 of `name`>, at most 44 characters; the namespace is a constant of this project.
  std::string MakeNameBasedUid(const std::string& name);

  // Names the stack in which a slice is told by its index: the same for the same images in the same order, and for no
  // others.
  std::string NameStack(const Volume::SourceSeries& source);
}
