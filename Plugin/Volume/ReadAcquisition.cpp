// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/HeaderParts.h"

#include "Plugin/Volume/DatasetReader.h"
#include "Plugin/Volume/FunctionalGroups.h"

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <cmath>

namespace H3K27M::Volume
{
  namespace
  {
    void ReadSequence(AcquisitionTags& tags, DatasetReader& reader)
    {
      tags.imageType = reader.GetValues(DCM_ImageType);
      for (const std::string& value : reader.GetValues(DCM_FrameType))
      {
        if (std::find(tags.imageType.begin(), tags.imageType.end(), value) == tags.imageType.end())
        {
          tags.imageType.push_back(value);
        }
      }
      tags.scanningSequence = reader.GetValues(DCM_ScanningSequence);
      tags.sequenceVariant = reader.GetValues(DCM_SequenceVariant);
      tags.scanOptions = reader.GetValues(DCM_ScanOptions);
      tags.sequenceName = reader.GetText(DCM_SequenceName);
      if (tags.sequenceName.empty())
      {
        tags.sequenceName = reader.GetText(DCM_PulseSequenceName);
      }
      tags.mrAcquisitionType = reader.GetText(DCM_MRAcquisitionType);
      tags.angioFlag = reader.GetText(DCM_AngioFlag);
    }

    void ReadTiming(AcquisitionTags& tags, DatasetReader& reader)
    {
      tags.repetitionTimeMs = reader.GetNumber(DCM_RepetitionTime);
      tags.echoTimeMs = reader.GetNumber(DCM_EchoTime);
      if (!tags.echoTimeMs)
      {
        tags.echoTimeMs = reader.GetNumber(DCM_EffectiveEchoTime);
      }
      tags.inversionTimeMs = reader.GetNumber(DCM_InversionTime);
      if (!tags.inversionTimeMs)
      {
        tags.inversionTimeMs = reader.GetNumber(DCM_InversionTimes);
      }
      tags.flipAngleDegrees = reader.GetNumber(DCM_FlipAngle);
      tags.echoTrainLength = reader.GetNumber(DCM_EchoTrainLength);
      tags.diffusionBValue = reader.GetNumber(DCM_DiffusionBValue);
    }

    // A trace-weighted series begins with b = 0, so the first frame alone would not tell.
    void ReadLargestBValue(AcquisitionTags& tags, DcmSequenceOfItems& perFrame)
    {
      for (DcmObject* item = perFrame.nextInContainer(nullptr); item != nullptr; item = perFrame.nextInContainer(item))
      {
        auto* groups = dynamic_cast<DcmItem*>(item);
        DcmItem* diffusion = groups == nullptr ? nullptr : GetFirstItem(*groups, DCM_MRDiffusionSequence);
        Float64 value = 0;
        if (diffusion != nullptr && diffusion->findAndGetFloat64(DCM_DiffusionBValue, value).good() &&
            std::isfinite(value))
        {
          tags.diffusionBValue = std::max(value, tags.diffusionBValue.value_or(value));
        }
      }
    }

    void ReadContrast(AcquisitionTags& tags, DatasetReader& reader)
    {
      tags.echoPulseSequence = reader.GetText(DCM_EchoPulseSequence);
      tags.inversionRecovery = reader.GetText(DCM_InversionRecovery);
      tags.echoPlanarPulseSequence = reader.GetText(DCM_EchoPlanarPulseSequence);
      tags.steadyStatePulseSequence = reader.GetText(DCM_SteadyStatePulseSequence);
      tags.phaseContrast = reader.GetText(DCM_PhaseContrast);
      tags.timeOfFlightContrast = reader.GetText(DCM_TimeOfFlightContrast);
      tags.arterialSpinLabelingContrast = reader.GetText(DCM_ArterialSpinLabelingContrast);
      tags.diffusionDirectionality = reader.GetText(DCM_DiffusionDirectionality);
      tags.acquisitionContrast = reader.GetText(DCM_AcquisitionContrast);
      tags.complexImageComponent = reader.GetText(DCM_ComplexImageComponent);
      tags.volumeBasedCalculation = reader.GetText(DCM_VolumeBasedCalculationTechnique);
    }

    void ReadWords(AcquisitionTags& tags, DatasetReader& reader)
    {
      tags.seriesDescription = reader.GetText(DCM_SeriesDescription);
      tags.protocolName = reader.GetText(DCM_ProtocolName);
      tags.bodyPartExamined = reader.GetText(DCM_BodyPartExamined);
      tags.studyDescription = reader.GetText(DCM_StudyDescription);
      tags.requestedProcedureDescription = reader.GetText(DCM_RequestedProcedureDescription);
      tags.qualityControlImage = reader.GetText(DCM_QualityControlImage);
      tags.burnedInAnnotation = reader.GetText(DCM_BurnedInAnnotation);
      const auto number = reader.GetInteger(DCM_SeriesNumber);
      if (number && *number >= 0 && *number < 1000000000)
      {
        tags.seriesNumber = static_cast<int>(*number);
      }
    }

    std::string ReadCodeMeaning(DcmDataset& dataset, DcmItem* code)
    {
      DatasetReader reader(dataset);  // it knows the character set, which is stated once for all sequences
      reader.Append(code);
      return code == nullptr ? std::string() : reader.GetText(DCM_CodeMeaning);
    }

    // Classic images name the region at the top level, enhanced ones in the shared Frame Anatomy group.
    std::string ReadAnatomicRegion(DcmDataset& dataset)
    {
      DcmItem* region = GetFirstItem(dataset, DCM_AnatomicRegionSequence);
      DcmItem* shared = GetFirstItem(dataset, DCM_SharedFunctionalGroupsSequence);
      DcmItem* anatomy = shared == nullptr ? nullptr : GetFirstItem(*shared, DCM_FrameAnatomySequence);
      if (region == nullptr && anatomy != nullptr)
      {
        region = GetFirstItem(*anatomy, DCM_AnatomicRegionSequence);
      }
      return ReadCodeMeaning(dataset, region);
    }

    // Classic images write its name, enhanced ones a code.
    std::string ReadContrastAgent(DcmDataset& dataset)
    {
      const std::string name = DatasetReader(dataset).GetText(DCM_ContrastBolusAgent);
      return !name.empty() ? name : ReadCodeMeaning(dataset, GetFirstItem(dataset, DCM_ContrastBolusAgentSequence));
    }
  }

  AcquisitionTags ReadAcquisition(DcmDataset& dataset, bool isMultiFrame)
  {
    DatasetReader reader(dataset);
    if (isMultiFrame)
    {
      AppendGroups(reader, GetFirstItem(dataset, DCM_PerFrameFunctionalGroupsSequence));
      AppendGroups(reader, GetFirstItem(dataset, DCM_SharedFunctionalGroupsSequence));
    }
    AcquisitionTags tags;
    ReadSequence(tags, reader);
    ReadTiming(tags, reader);
    ReadContrast(tags, reader);
    ReadWords(tags, reader);
    tags.anatomicRegion = ReadAnatomicRegion(dataset);
    tags.contrastAgent = ReadContrastAgent(dataset);
    DcmSequenceOfItems* perFrame = isMultiFrame ? GetSequence(dataset, DCM_PerFrameFunctionalGroupsSequence) : nullptr;
    if (perFrame != nullptr)
    {
      ReadLargestBValue(tags, *perFrame);
    }
    return tags;
  }
}
