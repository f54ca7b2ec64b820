// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/ICaseSource.h"

namespace H3K27M::Data
{
  TrainingCase TrainingCase::FromView(const std::string& id, const Preprocess::VolumeView& view)
  {
    TrainingCase made;
    made.id = id;
    made.voxels.assign(view.voxels.begin(), view.voxels.end());
    made.slices = view.slices;
    made.rows = view.rows;
    made.columns = view.columns;
    made.pixelSpacingMm = view.pixelSpacingMm;
    made.sliceSpacingMm = view.sliceSpacingMm;
    return made;
  }

  Preprocess::VolumeView TrainingCase::GetView() const
  {
    Preprocess::VolumeView view;
    view.voxels = voxels;
    view.slices = slices;
    view.rows = rows;
    view.columns = columns;
    view.pixelSpacingMm = pixelSpacingMm;
    view.sliceSpacingMm = sliceSpacingMm;
    return view;
  }
}
