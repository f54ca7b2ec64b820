// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/MaskOrigin.h"
#include "Plugin/Masks/SegmentationFile.h"
#include "Plugin/Results/ContentDateTime.h"
#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Results/ResultContext.h"

#include <string>

namespace H3K27M::Masks
{
  // ManufacturerModelName of the masks that people gave us; phantoms' planted masks bear their generator's.
  inline constexpr const char* MASK_IMPORT = "mask import";

  // Whether a reference mask was planted in a phantom, and not drawn by a person.
  inline bool IsPlanted(const SegmentationFile& file)
  {
    return file.equipment != MASK_IMPORT;
  }

  // A person's mask as a DICOM Segmentation of the source's study, under the series number of reference masks: triage
  // neither reads nor removes those. UIDs follow from series, mask and origin: the same mask twice is the same object
  // (unless another came between them: MaskOrigin::after).
  // Throws Error(BadInput) when the mask is empty or the origin does not fit into DICOM.
  Results::DicomInstance WriteHumanMask(const Volume::SourceSeries& source, const Results::MaskVolume& mask,
                                        const MaskOrigin& origin, const std::string& softwareVersion,
                                        const Results::ContentDateTime& made);
}
