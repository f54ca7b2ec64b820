// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/LossyCompression.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

class DcmDataset;

namespace H3K27M::Volume
{
  // One plane of a series: a classic instance, or one frame of an enhanced multi-frame instance.
  struct SourceSlice
  {
    std::string orthancInstanceId;
    std::string sopClassUid;
    std::string sopInstanceUid;
    unsigned frameNumber = 1;  // 1-based; 1 for classic instances
    bool isMultiFrame = false;
    int instanceNumber = 0;                               // (0020,0013); 0 when absent
    std::array<std::string, 3> imagePositionPatientText;  // (0020,0032) verbatim: written back as it was read
    std::array<double, 3> imagePositionPatient = {};      // the same, LPS, mm
    double positionAlongNormalMm = 0;                     // dot(position, normal)
    double rescaleSlope = 1;
    double rescaleIntercept = 0;
  };

  // Slices that should be there by the spacing and are not: a gap of whole slices after `afterSlice`.
  struct SliceGap
  {
    std::size_t afterSlice;  // index into SourceSeries::slices
    unsigned missingSlices;
  };

  // The geometry of a series that the router took: everything that the engine's request and the writers of SEG and
  // SR need, and no pixels. Slices run along the normal, lowest first. Immutable once built by VolumeAssembler.
  struct SourceSeries
  {
    std::string orthancSeriesId;
    std::string orthancStudyId;
    std::string studyInstanceUid;
    std::string seriesInstanceUid;
    std::string frameOfReferenceUid;
    std::string modality;

    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::uint16_t bitsStored = 0;                 // (0028,0101), the most of any slice
    bool isSigned = false;                        // (0028,0103), of any slice
    std::array<std::string, 2> pixelSpacingText;  // (0028,0030) verbatim: between rows, between columns
    std::array<double, 2> pixelSpacingMm = {};
    std::array<std::string, 6> imageOrientationPatientText;  // (0020,0037) verbatim
    std::array<double, 6> imageOrientationPatient = {};      // row direction cosines, then column direction
    double sliceSpacingMm = 0;                               // step between neighbours along the normal (mean)
    double sliceThicknessMm = 0;                             // (0018,0050); 0 when absent

    std::vector<SourceSlice> slices;
    std::vector<SliceGap> gaps;

    // Lossy where any slice is, and unknown where it is of any; ratio and method are of the first one that states them.
    LossyCompression lossy;

    // The first slice's dataset without its pixels: patient, study, frame-of-reference and equipment attributes are
    // copied from here. Shared because a result writer may outlive the assembler; never modified.
    std::shared_ptr<const DcmDataset> header;
  };
}
