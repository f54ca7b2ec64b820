// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/MaskStore.h"
#include "Plugin/Pipeline/CopyWatcher.h"
#include "Plugin/WorkState/WorkStore.h"

namespace H3K27M::Masks
{
  // Keeps the work store's copies of the masks in force equal to the archive, so that the worklist knows them without
  // reading a file: of a study with masks of several series, the newest. What came and went is written into the audit,
  // whichever way it took; the history of the case leaves out what a request tells already.
  class MaskWatcher : public Pipeline::CopyWatcher<WorkState::StudyMask>
  {
  public:
    // The references must outlive this object.
    MaskWatcher(Archive::IArchive& archive, WorkState::WorkStore& store, const Volume::VolumeLimits& limits) :
      CopyWatcher(archive, store.GetMasks()),
      store_(store),
      masks_(archive, limits)
    {
    }

    void OnStudy(const Archive::StudySnapshot& seen) override;

  private:
    void Settle(const Archive::StudySnapshot& study, const std::optional<WorkState::StudyMask>& before);
    void Audit(const std::string& what, const WorkState::StudyMask& mask);

    WorkState::WorkStore& store_;
    MaskStore masks_;
  };
}
