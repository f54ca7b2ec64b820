// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/FunctionalGroups.h"

#include "Plugin/Volume/DatasetReader.h"

#include <dcmtk/dcmdata/dctk.h>

#include <array>

namespace H3K27M::Volume
{
  namespace
  {
    const std::array<DcmTagKey, 14> GROUPS = {DCM_PlanePositionSequence,
                                              DCM_PlaneOrientationSequence,
                                              DCM_PixelMeasuresSequence,
                                              DCM_PixelValueTransformationSequence,
                                              DCM_MREchoSequence,
                                              DCM_MRTimingAndRelatedParametersSequence,
                                              DCM_MRModifierSequence,
                                              DCM_MRDiffusionSequence,
                                              DCM_MRImageFrameTypeSequence,
                                              DCM_MRImagingModifierSequence,
                                              DCM_MRArterialSpinLabelingSequence,
                                              DCM_FrameAnatomySequence,
                                              DCM_UnassignedPerFrameConvertedAttributesSequence,
                                              DCM_UnassignedSharedConvertedAttributesSequence};
  }

  void AppendGroups(DatasetReader& reader, DcmItem* groups)
  {
    if (groups == nullptr)
    {
      return;
    }
    for (const DcmTagKey& tag : GROUPS)
    {
      reader.Append(GetFirstItem(*groups, tag));
    }
  }

  DcmSequenceOfItems* GetSequence(DcmDataset& dataset, const DcmTagKey& tag)
  {
    DcmSequenceOfItems* sequence = nullptr;
    return dataset.findAndGetSequence(tag, sequence).good() ? sequence : nullptr;
  }
}
