// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Volume
{
  // How an image was acquired and what it is called: the tags that the router judges. Classic tags and those of the
  // enhanced functional groups (shared, else the first frame's) in one plain struct. Strings are UTF-8, trimmed and
  // empty when absent; code strings are upper case as in the standard (PS3.3 C.8.3, C.8.13).
  struct AcquisitionTags
  {
    std::vector<std::string> imageType;         // (0008,0008), and FrameType (0008,9007) when it differs
    std::vector<std::string> scanningSequence;  // (0018,0020) SE, IR, GR, EP, RM
    std::vector<std::string> sequenceVariant;   // (0018,0021)
    std::vector<std::string> scanOptions;       // (0018,0022)
    std::string sequenceName;                   // (0018,0024), else PulseSequenceName (0018,9005)
    std::string mrAcquisitionType;              // (0018,0023) 2D, 3D
    std::string angioFlag;                      // (0018,0025)

    std::optional<double> repetitionTimeMs;  // (0018,0080)
    std::optional<double> echoTimeMs;        // (0018,0081), else EffectiveEchoTime (0018,9082)
    std::optional<double> inversionTimeMs;   // (0018,0082), else InversionTimes (0018,9079)
    std::optional<double> flipAngleDegrees;  // (0018,1314)
    std::optional<double> diffusionBValue;   // (0018,9087) s/mm2, the largest of all frames
    std::optional<double> echoTrainLength;   // (0018,0091)

    std::string echoPulseSequence;             // (0018,9008) SPIN, GRADIENT, BOTH
    std::string inversionRecovery;             // (0018,9009)
    std::string echoPlanarPulseSequence;       // (0018,9018)
    std::string steadyStatePulseSequence;      // (0018,9017)
    std::string phaseContrast;                 // (0018,9014)
    std::string timeOfFlightContrast;          // (0018,9015)
    std::string arterialSpinLabelingContrast;  // (0018,9250)
    std::string diffusionDirectionality;       // (0018,9075)
    std::string acquisitionContrast;           // (0008,9209) T2, DIFFUSION, FLUID_ATTENUATED, ...
    std::string contrastAgent;                 // (0018,0010), else the code meaning in (0018,0012)
    std::string complexImageComponent;         // (0008,9208) MAGNITUDE, PHASE, ...
    std::string volumeBasedCalculation;        // (0008,9207) NONE, MPR, MAX_IP, ...

    std::string seriesDescription;              // (0008,103E)
    std::string protocolName;                   // (0018,1030)
    std::string bodyPartExamined;               // (0018,0015)
    std::string anatomicRegion;                 // (0008,2218) code meaning
    std::string studyDescription;               // (0008,1030)
    std::string requestedProcedureDescription;  // (0032,1060)
    std::string qualityControlImage;            // (0028,0300)
    std::string burnedInAnnotation;             // (0028,0301)
    std::optional<int> seriesNumber;            // (0020,0011)
  };
}
