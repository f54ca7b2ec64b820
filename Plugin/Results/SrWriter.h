// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ResultContext.h"

namespace H3K27M::Results
{
  class MaskVolume;
  struct Prediction;

  enum class SrTitle
  {
    Oncology,  // (126001,DCM): OHIF shows it without a contour
    Imaging    // (126000,DCM): OHIF 3.13.2 needs a contour beside each measurement group, so one is added
  };

  struct SrOptions
  {
    SrTitle title = SrTitle::Oncology;
    bool withContour = false;  // outline of the largest tumour slice (TID 1410); implied by SrTitle::Imaging
  };

  // Writes the prediction as Comprehensive 3D SR (PS3.3 A.35.13), TID 1500, COMPLETE and UNVERIFIED. The mask is the
  // one that SegWriter wrote under the same context: the SR refers to that SEG, so it is stored after it. Without
  // tumour the SR says so and refers to no SEG. Immutable; may be used by several threads.
  class SrWriter
  {
  public:
    explicit SrWriter(const SrOptions& options = SrOptions());

    // Throws Corrupt when prediction, mask and model contradict each other (voxels, tumour found or not, threshold),
    // BadInput when the mask is on another grid than the source or the source has no header.
    // `hasSaliency`: the object of a SaliencyWriter under the same context is stored before this report, which then
    // names it as the visual explanation (TID 1411; a variant without outlines has no such item).
    DicomInstance Write(const ResultContext& context, const Prediction& prediction, const MaskVolume& mask,
                        bool hasSaliency = false) const;

  private:
    SrOptions options_;
  };
}
