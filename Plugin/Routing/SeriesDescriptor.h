// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/DicomHeader.h"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Routing
{
  // What the router knows of a series: plain data, from one representative header or from all of them.
  struct SeriesDescriptor
  {
    std::string seriesInstanceUid;
    std::string modality;
    std::string sopClassUid;
    std::string manufacturer;
    std::string photometricInterpretation;
    unsigned samplesPerPixel = 0;
    Volume::AcquisitionTags acquisition;
    std::vector<double> echoTimesMs;                               // distinct, ascending, of all planes described
    std::optional<std::array<double, 6>> imageOrientationPatient;  // of the first plane that has one
    std::string geometryProblem;                                   // why it has none
    std::string pixelProblem;                                      // why its pixels cannot be read; empty: they can
    std::size_t planes = 0;
  };

  // `headers` of one series, at least one (Error BadInput otherwise). The instance with the lowest SOPInstanceUID
  // represents the series, so that the order of arrival does not matter.
  SeriesDescriptor DescribeSeries(std::span<const Volume::DicomHeader> headers);

  // Whether ProtocolName (0018,1030) is that of the whole examination ("BRAIN WITH PERFUSION"), as GE's is, and says
  // nothing of the single series.
  bool IsExaminationProtocol(const SeriesDescriptor& series);

  // ProtocolName, or nothing where it is that of the examination.
  std::string GetSeriesProtocol(const SeriesDescriptor& series);
}
