// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Code.h"
#include "Plugin/Results/SegWriter.h"

#include <string>

namespace H3K27M::Masks
{
  // Who drew a mask, with what, and where the tumour lies. A plain value.
  struct MaskOrigin
  {
    Results::SegmentAlgorithmType algorithmType = Results::SegmentAlgorithmType::Manual;
    std::string algorithmName;  // of the tool that helped; SEMIAUTOMATIC only
    std::string creator;        // DICOM PN; may be empty
    Results::Code site;         // Brain unless a person says otherwise
    std::string after;          // SOPInstanceUID of the mask that it replaces, where it stood before that one; or empty

    MaskOrigin();

    // Throws Error(BadInput) when a text cannot stand in its DICOM attribute.
    void Check() const;
  };
}
