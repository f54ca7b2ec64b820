// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/SegmentationFile.h"
#include "Plugin/Results/MaskVolume.h"

namespace H3K27M::Masks
{
  // The segment by its number; 0 takes the only one. Throws Error(BadInput), which lists them, when that leaves a
  // choice.
  const SegmentDescription& ChooseSegment(const SegmentationFile& file, unsigned number);

  // A mask from one segment of a DICOM Segmentation. Its frames must lie on the slices of the series, voxel on voxel,
  // and those that name their source must name that very slice. Throws Error(BadInput) with every fault.
  Results::MaskVolume ReadSegmentationMask(const SegmentationFile& file, const SegmentDescription& segment,
                                           const Volume::SourceSeries& series);
}
