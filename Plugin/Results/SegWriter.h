// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Code.h"
#include "Plugin/Results/ResultContext.h"

#include <string>

namespace H3K27M::Results
{
  class MaskVolume;

  enum class SegmentAlgorithmType
  {
    Automatic,
    SemiAutomatic,
    Manual
  };

  // Whose mask it is decides the UIDs, the series number and the words.
  enum class SegPurpose
  {
    Prediction,
    Reference  // drawn by a person, or planted in a phantom
  };

  struct SegOptions
  {
    SegPurpose purpose = SegPurpose::Prediction;
    SegmentAlgorithmType algorithmType = SegmentAlgorithmType::Automatic;
    Code anatomicRegion;             // Brain unless a person says otherwise: there is no atlas
    std::string segmentDescription;  // replaces the standard text; up to 1024 characters, ASCII
    std::string contentCreatorName;  // DICOM PN of a person; empty for a model
    std::string algorithmName;       // of the tool that helped with a SEMIAUTOMATIC reference; a model names itself

    SegOptions();
  };

  // Writes a mask as DICOM Segmentation (PS3.3 A.51): one segment, only frames that hold tumour, positions copied
  // verbatim from the source. BINARY when rows x columns is a multiple of 8, else 8-bit FRACTIONAL OCCUPANCY with
  // maximum 1: viewers and Orthanc 1.10.1 garble bit-packed frames that do not begin on a byte. Written without dcmseg,
  // whose version 3.6.7 corrupts such frames too. Immutable; may be used by several threads.
  class SegWriter
  {
  public:
    explicit SegWriter(const SegOptions& options = SegOptions());

    // Throws BadInput when the mask is empty or on another grid than the source, or the source has no header.
    DicomInstance Write(const ResultContext& context, const MaskVolume& mask) const;

  private:
    SegOptions options_;
  };
}
