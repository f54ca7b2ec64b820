// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Masks/MaskOrigin.h"
#include "Plugin/Masks/MaskStore.h"
#include "Plugin/Masks/MaskUpload.h"
#include "Plugin/Pipeline/SeriesReader.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Support/StudyClaims.h"

#include <json/value.h>

#include <optional>
#include <string>

namespace H3K27M::Masks
{
  // The masks that people draw, in the order of the path:
  //   upload -> the series (by the router, or by name) -> mask on its grid -> DICOM Segmentation -> archive -> the
  //   older mask of the series goes
  // All is read and judged before anything is stored. Thread-safe; two changes of one study at once are refused.
  class MaskService
  {
  public:
    // All must outlive this object. `claims`: those of the reviews, which refer to masks.
    MaskService(Archive::IArchive& archive, const Pipeline::StudyTriage& triage, Support::StudyClaims& claims);

    // The mask in force, schema `Mask`. `series` may be empty when one series of the study has a mask. Throws
    // Error(NotFound) with the reason when there is none, Error(Conflict) when it is not said which.
    Json::Value Get(const std::string& studyId, const std::string& series) const;

    // The same of the mask that is in force now, with `replaced`: how many older ones went (one that a review names
    // stays, no longer in force). Throws Error(Conflict), and writes nothing, when the upload says which mask was seen
    // and another is there now.
    Json::Value Put(const std::string& studyId, const MaskUpload& upload);

    // Takes the mask in force away; schema `WithdrawnMask`. One that it replaced, and that stands because a review
    // names it, is in force again. One that a review names itself stays: Error(Conflict). One that cannot be read says
    // not of which series it is, and is named by Orthanc's identifier of its own. Throws Error(NotFound) and
    // Error(Conflict) as Get(); also Error(Conflict), and removes nothing, when `seen` says which mask was in force
    // (SOPInstanceUID; empty: none that can be read) and another one is now.
    Json::Value Withdraw(const std::string& studyId, const std::string& series,
                         const std::optional<std::string>& seen = std::nullopt);

  private:
    // The masks of one series, newest first, at least one.
    static std::vector<StoredMask> Choose(std::vector<StoredMask> masks, const Archive::StudySnapshot& study,
                                          const std::string& series);

    // Also settles what the upload left open about its origin.
    Results::MaskVolume ReadMask(const Archive::StudySnapshot& study, const MaskUpload& upload,
                                 const Volume::SourceSeries& series, MaskOrigin& origin) const;

    // `older`: the masks of the series, newest first. This one is newer, whatever the clock says.
    Results::DicomInstance Write(const Volume::SourceSeries& series, const Results::MaskVolume& mask, MaskOrigin origin,
                                 const MaskUpload& upload, const std::vector<StoredMask>& older) const;

    // Why the archive, which may compress what it takes in, does not give a mask back as it was stored; empty: it does.
    std::string FindDamage(const Archive::StudySnapshot& study, const std::string& instanceId,
                           const Results::MaskVolume& mask, const Volume::SourceSeries& series) const;

    Archive::IArchive& archive_;
    const Pipeline::StudyTriage& triage_;
    MaskStore store_;
    Support::StudyClaims& claims_;
  };
}
