// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/HeaderParts.h"

#include "Plugin/Volume/DatasetReader.h"
#include "Plugin/Volume/ElementReader.h"
#include "Plugin/Volume/FunctionalGroups.h"
#include "Plugin/Volume/Vectors.h"

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace H3K27M::Volume
{
  namespace
  {
    constexpr double DIRECTION_TOLERANCE = 0.01;  // of a cosine: old scanners write four digits

    Refusal Missing(const std::string& what)
    {
      return Refusal{RefusalCode::MissingGeometry, what};
    }

    Refusal BadNumber(const std::string& what)
    {
      return Refusal{RefusalCode::BadNumber, what};
    }

    // COUNT numbers and their texts; `name` with its tag goes into the reason.
    template <std::size_t COUNT>
    std::optional<Refusal> ReadNumbers(std::array<std::string, COUNT>& texts, std::array<double, COUNT>& numbers,
                                       DatasetReader& reader, const DcmTagKey& tag, const std::string& name)
    {
      const std::vector<std::string> values = reader.GetValues(tag);
      const std::string label = name + " " + FormatTag(tag.getGroup(), tag.getElement());
      if (values.empty())
      {
        return Missing(label + " is absent");
      }
      if (values.size() != COUNT)
      {
        return Missing(label + " has " + std::to_string(values.size()) + " values instead of " + std::to_string(COUNT));
      }
      for (std::size_t i = 0; i < COUNT; ++i)
      {
        const std::optional<double> number = ParseDecimal(values[i]);
        if (!number || !std::isfinite(*number))
        {
          return BadNumber(label + " holds what is no finite number");
        }
        texts[i] = values[i];
        numbers[i] = *number;
      }
      return std::nullopt;
    }

    std::optional<Refusal> CheckDirections(const std::array<double, 6>& d)
    {
      const Vector row = GetRowDirection(d);
      const Vector column = GetColumnDirection(d);
      if (std::abs(Length(row) - 1) > DIRECTION_TOLERANCE || std::abs(Length(column) - 1) > DIRECTION_TOLERANCE ||
          std::abs(Dot(row, column)) > DIRECTION_TOLERANCE)
      {
        return BadNumber("ImageOrientationPatient (0020,0037) is no pair of perpendicular unit vectors");
      }
      return std::nullopt;
    }

    // A number that may be absent, but when it is there must be one.
    std::optional<Refusal> ReadOptionalNumber(double& value, DatasetReader& reader, const DcmTagKey& tag,
                                              const std::string& name)
    {
      if (reader.Find(tag) == nullptr)
      {
        return std::nullopt;
      }
      const std::optional<double> number = reader.GetNumber(tag);
      if (!number)
      {
        return BadNumber(name + " " + FormatTag(tag.getGroup(), tag.getElement()) + " is no finite number");
      }
      value = *number;
      return std::nullopt;
    }

    std::optional<Refusal> ReadGeometry(PlaneHeader& plane, DatasetReader& reader)
    {
      if (auto problem = ReadNumbers(plane.imagePositionPatientText, plane.imagePositionPatient, reader,
                                     DCM_ImagePositionPatient, "ImagePositionPatient"))
      {
        return problem;
      }
      if (auto problem = ReadNumbers(plane.imageOrientationPatientText, plane.imageOrientationPatient, reader,
                                     DCM_ImageOrientationPatient, "ImageOrientationPatient"))
      {
        return problem;
      }
      if (auto problem = CheckDirections(plane.imageOrientationPatient))
      {
        return problem;
      }
      if (auto problem =
            ReadNumbers(plane.pixelSpacingText, plane.pixelSpacingMm, reader, DCM_PixelSpacing, "PixelSpacing"))
      {
        return problem;
      }
      if (plane.pixelSpacingMm[0] <= 0 || plane.pixelSpacingMm[1] <= 0)
      {
        return BadNumber("PixelSpacing (0028,0030) is not above zero");
      }
      return std::nullopt;
    }

    PlaneHeader ReadPlane(DatasetReader& reader, std::uint32_t frameNumber)
    {
      PlaneHeader plane;
      plane.frameNumber = frameNumber;
      plane.problem = ReadGeometry(plane, reader);
      // Thickness and spacing only help; old scanners write nonsense here, so nonsense is taken as absent.
      plane.sliceThicknessMm = std::max(0.0, reader.GetNumber(DCM_SliceThickness).value_or(0));
      plane.spacingBetweenSlicesMm = std::abs(reader.GetNumber(DCM_SpacingBetweenSlices).value_or(0));
      plane.echoTimeMs = reader.GetNumber(DCM_EchoTime);
      if (!plane.echoTimeMs)
      {
        plane.echoTimeMs = reader.GetNumber(DCM_EffectiveEchoTime);
      }
      auto slopeProblem = ReadOptionalNumber(plane.rescaleSlope, reader, DCM_RescaleSlope, "RescaleSlope");
      auto interceptProblem =
        ReadOptionalNumber(plane.rescaleIntercept, reader, DCM_RescaleIntercept, "RescaleIntercept");
      if (!slopeProblem && plane.rescaleSlope == 0)
      {
        slopeProblem = BadNumber("RescaleSlope (0028,1053) is zero");
      }
      if (!plane.problem)
      {
        plane.problem = slopeProblem ? slopeProblem : interceptProblem;
      }
      return plane;
    }
  }

  bool IsMultiFrameClass(const std::string& sopClassUid)
  {
    return sopClassUid == UID_EnhancedMRImageStorage || sopClassUid == UID_EnhancedMRColorImageStorage ||
           sopClassUid == UID_LegacyConvertedEnhancedMRImageStorage;
  }

  std::vector<PlaneHeader> ReadPlanes(DcmDataset& dataset, std::uint32_t frames, bool isMultiFrame)
  {
    std::vector<PlaneHeader> planes;
    if (!isMultiFrame)
    {
      DatasetReader reader(dataset);
      planes.push_back(ReadPlane(reader, 1));
      if (frames != 1)
      {
        planes.front().problem = Missing("NumberOfFrames (0028,0008) is " + std::to_string(frames) +
                                         " in a single-frame SOP class: the positions of the frames are private");
      }
      return planes;
    }
    DcmSequenceOfItems* perFrame = GetSequence(dataset, DCM_PerFrameFunctionalGroupsSequence);
    const unsigned long items = perFrame == nullptr ? 0 : perFrame->card();
    if (items != frames)
    {
      PlaneHeader plane;
      plane.problem = Missing("PerFrameFunctionalGroupsSequence (5200,9230) describes " + std::to_string(items) +
                              " of " + std::to_string(frames) + " frames");
      planes.push_back(plane);
      return planes;
    }
    DcmItem* shared = GetFirstItem(dataset, DCM_SharedFunctionalGroupsSequence);
    planes.reserve(frames);
    DcmObject* current = nullptr;
    for (std::uint32_t i = 0; i < frames; ++i)
    {
      current = perFrame->nextInContainer(current);
      DatasetReader reader(dataset);
      AppendGroups(reader, dynamic_cast<DcmItem*>(current));
      AppendGroups(reader, shared);
      planes.push_back(ReadPlane(reader, i + 1));
    }
    return planes;
  }
}
