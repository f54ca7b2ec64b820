// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Masks/SegmentationFile.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Masks
{
  // A mask of a person (or a phantom's planted one) as it stands in the archive.
  struct StoredMask
  {
    std::string seriesId;  // Orthanc's identifiers, of the segmentation itself
    std::string instanceId;
    SegmentationFile file;
    std::string fault;  // why it cannot be read, and `file` says nothing then; empty: it can

    // SeriesInstanceUID of the images that it was drawn on; empty where it does not say.
    std::string GetSourceUid() const;
  };

  // Reference masks in the archive: found and removed. One mask of a series of images is in force, the newest; older
  // ones are there where a review names them. Stateless.
  class MaskStore
  {
  public:
    // `decoder` is of the voxels of masks that the archive has compressed: without it these are listed, and their
    // voxels not read. Both must outlive this object and what it reads.
    MaskStore(Archive::IArchive& archive, const Volume::VolumeLimits& limits,
              Volume::IExternalDecoder* decoder = nullptr) :
      archive_(archive),
      limits_(limits),
      decoder_(decoder)
    {
    }

    // Orthanc's identifiers of the reference masks, as the index knows them: nothing is read.
    static std::vector<std::string> ListInstances(const Archive::StudySnapshot& study);

    // Newest first; those that cannot be read last, with the fault: one broken file does not hide the others, and can
    // be withdrawn.
    std::vector<StoredMask> ListAll(const Archive::StudySnapshot& study) const;

    // Newest first, of those that can be read; the log names the others.
    std::vector<StoredMask> ListReadable(const Archive::StudySnapshot& study) const;

    // Any segmentation of the study, by Orthanc's identifier or its SOPInstanceUID. Throws Error(NotFound).
    SegmentationFile Find(const Archive::StudySnapshot& study, const std::string& segmentation) const;

    // Without those that a newer one of the same images has replaced; those that cannot be read are left in. `masks` as
    // listed here.
    static std::vector<StoredMask> KeepInForce(std::vector<StoredMask> masks);

    // Removes their series; returns how many.
    std::size_t Remove(const std::vector<StoredMask>& masks) const;

    // Those that no review in the study names, as it is now (`study` may be of a moment ago): the outline that a person
    // answered for can be looked at as long as the review stands.
    std::vector<StoredMask> ListUnattested(const Archive::StudySnapshot& study, std::vector<StoredMask> masks) const;

  private:
    std::shared_ptr<const std::string> ReadFile(const std::string& instanceId) const;
    StoredMask Read(const std::string& seriesId, const std::string& instance) const;

    Archive::IArchive& archive_;
    Volume::VolumeLimits limits_;
    Volume::IExternalDecoder* decoder_;
  };
}
