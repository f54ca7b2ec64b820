// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/ICaseSource.h"

namespace H3K27M::Data
{
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
