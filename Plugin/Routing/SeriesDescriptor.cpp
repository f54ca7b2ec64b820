// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/SeriesDescriptor.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Routing/TextFolding.h"

#include <algorithm>
#include <set>

namespace H3K27M::Routing
{
  namespace
  {
    void DescribeGeometry(SeriesDescriptor& series, const Volume::DicomHeader& header)
    {
      std::optional<std::string> firstProblem;
      for (const Volume::PlaneHeader& plane : header.planes)
      {
        if (!plane.problem)
        {
          series.imageOrientationPatient = plane.imageOrientationPatient;
          return;
        }
        if (!firstProblem)
        {
          firstProblem = plane.problem->text;
        }
      }
      series.geometryProblem = firstProblem.value_or("absent");
    }
  }

  SeriesDescriptor DescribeSeries(std::span<const Volume::DicomHeader> headers)
  {
    if (headers.empty())
    {
      throw Error(ErrorCode::BadInput, "a series without instances cannot be described");
    }
    const Volume::DicomHeader& header = *std::min_element(
      headers.begin(), headers.end(), [](const auto& a, const auto& b) { return a.sopInstanceUid < b.sopInstanceUid; });
    SeriesDescriptor series;
    series.seriesInstanceUid = header.seriesInstanceUid;
    series.modality = header.modality;
    series.sopClassUid = header.sopClassUid;
    series.manufacturer = header.manufacturer;
    series.photometricInterpretation = header.pixels.photometricInterpretation;
    series.samplesPerPixel = header.pixels.samplesPerPixel;
    series.acquisition = header.acquisition;
    series.pixelProblem = header.pixelProblem ? header.pixelProblem->text : std::string();
    DescribeGeometry(series, header);

    std::set<double> echoTimes;
    for (const Volume::DicomHeader& one : headers)
    {
      series.planes += one.planes.size();
      // A diffusion series may begin with images without diffusion weighting.
      if (one.acquisition.diffusionBValue)
      {
        series.acquisition.diffusionBValue =
          std::max(*one.acquisition.diffusionBValue, series.acquisition.diffusionBValue.value_or(0));
      }
      // One image with words in it spoils the volume.
      if (one.acquisition.burnedInAnnotation == "YES")
      {
        series.acquisition.burnedInAnnotation = "YES";
      }
      for (const Volume::PlaneHeader& plane : one.planes)
      {
        if (plane.echoTimeMs)
        {
          echoTimes.insert(*plane.echoTimeMs);
        }
      }
    }
    series.echoTimesMs.assign(echoTimes.begin(), echoTimes.end());
    return series;
  }

  bool IsExaminationProtocol(const SeriesDescriptor& series)
  {
    return FoldText(series.manufacturer).starts_with(" ge ");
  }

  std::string GetSeriesProtocol(const SeriesDescriptor& series)
  {
    return IsExaminationProtocol(series) ? std::string() : series.acquisition.protocolName;
  }
}
