// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/AcquisitionTags.h"
#include "Plugin/Volume/LossyCompression.h"
#include "Plugin/Volume/Refusal.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

class DcmDataset;

namespace H3K27M::Volume
{
  // Image Pixel module (PS3.3 C.7.6.3) and where the pixels lie in the file. Checked against VolumeLimits and against
  // the file's length before it is filled.
  struct PixelFormat
  {
    std::uint32_t rows = 0;                    // (0028,0010)
    std::uint32_t columns = 0;                 // (0028,0011)
    std::uint32_t frames = 1;                  // (0028,0008)
    std::uint16_t samplesPerPixel = 1;         // (0028,0002)
    std::uint16_t bitsAllocated = 0;           // (0028,0100)
    std::uint16_t bitsStored = 0;              // (0028,0101)
    std::uint16_t highBit = 0;                 // (0028,0102)
    bool isSigned = false;                     // (0028,0103)
    std::string photometricInterpretation;     // (0028,0004)
    std::optional<std::int64_t> paddingValue;  // (0028,0120)
    std::optional<std::int64_t> paddingLimit;  // (0028,0121)

    bool isNative = false;  // uncompressed: offset and length are those of the value
    bool isBigEndian = false;
    std::uint64_t pixelOffset = 0;  // of the value of (7FE0,0010), in bytes from the start of the file
    std::uint64_t pixelLength = 0;
  };

  // One plane: a classic instance, or one frame. Texts are verbatim, because they are written back into results.
  struct PlaneHeader
  {
    std::uint32_t frameNumber = 1;                           // 1-based
    std::array<std::string, 3> imagePositionPatientText;     // (0020,0032)
    std::array<std::string, 6> imageOrientationPatientText;  // (0020,0037)
    std::array<std::string, 2> pixelSpacingText;             // (0028,0030) between rows, between columns
    std::array<double, 3> imagePositionPatient = {};         // LPS, mm
    std::array<double, 6> imageOrientationPatient = {};
    std::array<double, 2> pixelSpacingMm = {};
    double sliceThicknessMm = 0;        // (0018,0050); 0 when absent
    double spacingBetweenSlicesMm = 0;  // (0018,0088); 0 when absent
    double rescaleSlope = 1;            // (0028,1053)
    double rescaleIntercept = 0;        // (0028,1052)
    std::optional<double> echoTimeMs;
    std::optional<Refusal> problem;  // why this plane has no usable geometry
  };

  // What one DICOM file says, without its pixels. An object that is no image is described too, so that the router can
  // say what it saw: then `pixelProblem` says why nothing can be decoded. Plain data, copyable.
  struct DicomHeader
  {
    std::string orthancInstanceId;  // set by the caller
    std::string sopClassUid;
    std::string sopInstanceUid;
    std::string studyInstanceUid;
    std::string seriesInstanceUid;
    std::string frameOfReferenceUid;
    std::string transferSyntaxUid;
    std::string modality;
    std::string manufacturer;
    int instanceNumber = 0;
    bool isMultiFrame = false;  // enhanced (or legacy converted) multi-frame

    AcquisitionTags acquisition;
    PixelFormat pixels;
    LossyCompression lossy;
    std::optional<Refusal> pixelProblem;
    std::vector<PlaneHeader> planes;  // one per frame; empty with a pixelProblem

    // Standard attributes without pixels, private tags and functional groups: small enough to keep for every slice.
    // Shared with SourceSeries::header; never modified.
    std::shared_ptr<const DcmDataset> dataset;
  };
}
