// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/NiftiWriter.h"
#include "Plugin/Pipeline/SeriesReader.h"
#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Volume/FrameDecoder.h"

namespace H3K27M::Pipeline
{
  class InstanceCache;
}

namespace H3K27M::Datasets
{
  // The voxels of an accepted series as they are stored, of one integer type with one scale where all slices share it,
  // else as float. Throws Error(BadInput) naming the slice that cannot be decoded, or when slices are missing inside:
  // a NIfTI file has no place for a gap.
  NiftiImage ReadVolumeImage(const Pipeline::SeriesReading& reading, const Volume::FrameDecoder& decoder,
                             Pipeline::InstanceCache& files);

  // On the voxels of `image`; 1 = tumour, whatever its class.
  NiftiImage MakeMaskImage(const Results::MaskVolume& mask, const NiftiImage& image);
}
