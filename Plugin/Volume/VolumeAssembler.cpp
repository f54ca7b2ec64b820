// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/VolumeAssembler.h"

#include "Plugin/Support/NumberText.h"
#include "Plugin/Volume/SliceSpacing.h"
#include "Plugin/Volume/Vectors.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

namespace H3K27M::Volume
{
  namespace
  {
    constexpr double SAME_POSITION_MM = 0.01;            // positions carry at least two decimals
    constexpr double SPACING_TOLERANCE_FRACTION = 1e-3;  // of PixelSpacing, between the planes of one series

    std::string Count(std::size_t count, const char* noun)
    {
      return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
    }

    struct Plane
    {
      const DicomHeader* header;
      const PlaneHeader* plane;
      double positionMm;
    };

    std::string Name(const DicomHeader& header)
    {
      return "InstanceNumber " + std::to_string(header.instanceNumber) + ": ";
    }

    std::optional<Refusal> CheckInstances(const std::vector<DicomHeader>& headers)
    {
      const DicomHeader& first = headers.front();
      for (const DicomHeader& header : headers)
      {
        if (header.seriesInstanceUid != first.seriesInstanceUid || header.studyInstanceUid != first.studyInstanceUid)
        {
          return Refusal{RefusalCode::Inconsistent,
                         "StudyInstanceUID (0020,000D) or SeriesInstanceUID (0020,000E) differs between the instances"};
        }
        if (header.pixelProblem)
        {
          return Refusal{header.pixelProblem->code, Name(header) + header.pixelProblem->text};
        }
        for (const PlaneHeader& plane : header.planes)
        {
          if (plane.problem)
          {
            return Refusal{plane.problem->code, Name(header) + plane.problem->text};
          }
        }
        if (header.frameOfReferenceUid != first.frameOfReferenceUid)
        {
          return Refusal{RefusalCode::MixedGeometry, "FrameOfReferenceUID (0020,0052) differs between the instances"};
        }
        if (header.pixels.rows != first.pixels.rows || header.pixels.columns != first.pixels.columns)
        {
          return Refusal{RefusalCode::MixedGeometry,
                         "Rows (0028,0010) and Columns (0028,0011) differ between the instances: " +
                           std::to_string(first.pixels.rows) + " x " + std::to_string(first.pixels.columns) + " and " +
                           std::to_string(header.pixels.rows) + " x " + std::to_string(header.pixels.columns)};
        }
      }
      return std::nullopt;
    }

    std::optional<Refusal> CheckAmount(const std::vector<DicomHeader>& headers, const VolumeLimits& limits)
    {
      std::uint64_t planes = 0;
      for (const DicomHeader& header : headers)
      {
        planes += header.planes.size();
      }
      if (planes < limits.minSlices)
      {
        return Refusal{RefusalCode::TooFewSlices, "the series has " + Count(planes, "slice") + ", " +
                                                    std::to_string(limits.minSlices) + " are needed"};
      }
      if (planes > limits.maxSlices)
      {
        return Refusal{RefusalCode::TooManySlices, "the series has " + Count(planes, "slice") + ", the limit is " +
                                                     std::to_string(limits.maxSlices)};
      }
      const PixelFormat& pixels = headers.front().pixels;
      // As the engine counts (Inference/Serve/StudyRequest.h), whatever the images are stored in: what is taken here is
      // not refused there, after it has been read.
      const std::uint64_t bytes = static_cast<std::uint64_t>(pixels.rows) * pixels.columns * planes * sizeof(float);
      if (bytes > limits.maxBytes)
      {
        return Refusal{RefusalCode::LimitExceeded, "the series needs " + std::to_string(bytes) +
                                                     " bytes at 4 bytes a voxel, the limit is " +
                                                     std::to_string(limits.maxBytes)};
      }
      return std::nullopt;
    }

    std::optional<Refusal> CheckPlanes(const std::vector<Plane>& planes, double toleranceDegrees)
    {
      const PlaneHeader& first = *planes.front().plane;
      for (const Plane& plane : planes)
      {
        const std::array<double, 6>& a = first.imageOrientationPatient;
        const std::array<double, 6>& b = plane.plane->imageOrientationPatient;
        const double angle = std::max(AngleDegrees(GetRowDirection(a), GetRowDirection(b)),
                                      AngleDegrees(GetColumnDirection(a), GetColumnDirection(b)));
        if (angle > toleranceDegrees)
        {
          return Refusal{RefusalCode::MixedGeometry, "ImageOrientationPatient (0020,0037) differs by " +
                                                       Support::PrintNumber(angle) + " degrees between the slices"};
        }
        for (std::size_t i = 0; i < 2; ++i)
        {
          const double difference = std::abs(plane.plane->pixelSpacingMm[i] - first.pixelSpacingMm[i]);
          if (difference > SPACING_TOLERANCE_FRACTION * first.pixelSpacingMm[i])
          {
            return Refusal{RefusalCode::MixedGeometry,
                           "PixelSpacing (0028,0030) differs between the slices: " + first.pixelSpacingText[i] +
                             " and " + plane.plane->pixelSpacingText[i] + " mm"};
          }
        }
      }
      return std::nullopt;
    }

    // Several volumes in one series: what tells them apart helps whoever reads the refusal.
    Refusal DescribeDuplicates(const std::vector<Plane>& planes)
    {
      std::size_t positions = 1;
      std::set<double> echoTimes;
      for (std::size_t i = 0; i < planes.size(); ++i)
      {
        positions += i > 0 && planes[i].positionMm - planes[i - 1].positionMm >= SAME_POSITION_MM ? 1 : 0;
        if (const std::optional<double>& echoTime = planes[i].plane->echoTimeMs)
        {
          echoTimes.insert(*echoTime);
        }
      }
      std::string text = "the series is not one volume: " + Count(planes.size(), "slice") + " lie at " +
                         Count(positions, "position") + " (ImagePositionPatient (0020,0032))";
      if (echoTimes.size() > 1)
      {
        text += ", with echo times from " + Support::PrintNumber(*echoTimes.begin()) + " to " +
                Support::PrintNumber(*echoTimes.rbegin()) + " ms";
      }
      return Refusal{RefusalCode::DuplicatePositions, text};
    }

    // Fills spacing and gaps from the sorted planes.
    std::optional<Refusal> MeasureStack(SourceSeries& series, const std::vector<Plane>& planes,
                                        const VolumeLimits& limits)
    {
      std::vector<double> positions;
      positions.reserve(planes.size());
      for (const Plane& plane : planes)
      {
        positions.push_back(plane.positionMm);
      }
      const PlaneHeader& first = *planes.front().plane;
      SpacingOutcome outcome = MeasureSpacing(positions, first.spacingBetweenSlicesMm, first.sliceThicknessMm, limits);
      if (const auto* refusal = std::get_if<Refusal>(&outcome))
      {
        return *refusal;
      }
      SliceSpacing& spacing = std::get<SliceSpacing>(outcome);
      series.sliceSpacingMm = spacing.stepMm;
      series.gaps = std::move(spacing.gaps);
      return std::nullopt;
    }

    std::optional<Refusal> MeasureSingle(SourceSeries& series, const Plane& plane)
    {
      const double written = plane.plane->spacingBetweenSlicesMm;
      const double thickness = plane.plane->sliceThicknessMm;
      series.sliceSpacingMm = std::max(written, thickness);
      if (series.sliceSpacingMm <= 0)
      {
        return Refusal{RefusalCode::MissingGeometry,
                       "one single slice without SliceThickness (0018,0050) or SpacingBetweenSlices (0018,0088)"};
      }
      return std::nullopt;
    }

    SourceSlice MakeSlice(const Plane& plane)
    {
      SourceSlice slice;
      slice.orthancInstanceId = plane.header->orthancInstanceId;
      slice.sopClassUid = plane.header->sopClassUid;
      slice.sopInstanceUid = plane.header->sopInstanceUid;
      slice.frameNumber = plane.plane->frameNumber;
      slice.isMultiFrame = plane.header->isMultiFrame;
      slice.instanceNumber = plane.header->instanceNumber;
      slice.imagePositionPatientText = plane.plane->imagePositionPatientText;
      slice.imagePositionPatient = plane.plane->imagePositionPatient;
      slice.positionAlongNormalMm = plane.positionMm;
      slice.rescaleSlope = plane.plane->rescaleSlope;
      slice.rescaleIntercept = plane.plane->rescaleIntercept;
      return slice;
    }

    void FillSeries(SourceSeries& series, const std::vector<Plane>& planes)
    {
      const DicomHeader& header = *planes.front().header;
      const PlaneHeader& plane = *planes.front().plane;
      series.studyInstanceUid = header.studyInstanceUid;
      series.seriesInstanceUid = header.seriesInstanceUid;
      series.frameOfReferenceUid = header.frameOfReferenceUid;
      series.modality = header.modality;
      series.rows = header.pixels.rows;
      series.columns = header.pixels.columns;
      series.pixelSpacingText = plane.pixelSpacingText;
      series.pixelSpacingMm = plane.pixelSpacingMm;
      series.imageOrientationPatientText = plane.imageOrientationPatientText;
      series.imageOrientationPatient = plane.imageOrientationPatient;
      series.sliceThicknessMm = plane.sliceThicknessMm;
      series.header = header.dataset;
      series.slices.reserve(planes.size());
      std::transform(planes.begin(), planes.end(), std::back_inserter(series.slices), MakeSlice);
      for (const Plane& one : planes)
      {
        if (one.header->lossy.isLossy && series.lossy.ratios.empty())
        {
          series.lossy = one.header->lossy;
        }

        series.lossy.isUnknown = series.lossy.isUnknown || one.header->lossy.isUnknown;
        series.bitsStored = std::max(series.bitsStored, one.header->pixels.bitsStored);
        series.isSigned = series.isSigned || one.header->pixels.isSigned;
      }
    }

    std::vector<std::string> ListWarnings(const SourceSeries& series)
    {
      std::vector<std::string> warnings;
      std::size_t missing = 0;
      for (const SliceGap& gap : series.gaps)
      {
        missing += gap.missingSlices;
      }
      if (missing > 0)
      {
        warnings.push_back(Count(missing, "slice") + " of " + std::to_string(series.slices.size() + missing) +
                           (missing == 1 ? " is" : " are") + " missing inside the stack, in " +
                           Count(series.gaps.size(), "gap"));
      }
      if (series.slices.size() == 1)
      {
        warnings.push_back("the series holds one single slice; its spacing is taken from its thickness");
      }
      return warnings;
    }

    // All planes with their positions along the normal of the first, lowest first.
    std::vector<Plane> ListPlanes(const std::vector<DicomHeader>& headers)
    {
      std::vector<Plane> planes;
      for (const DicomHeader& header : headers)
      {
        for (const PlaneHeader& plane : header.planes)
        {
          planes.push_back(Plane{&header, &plane, 0});
        }
      }
      if (planes.empty())
      {
        return planes;
      }
      const Vector normal = GetNormal(planes.front().plane->imageOrientationPatient);
      const double length = Length(normal);
      for (Plane& plane : planes)
      {
        plane.positionMm = Dot(plane.plane->imagePositionPatient, normal) / length;
      }
      std::sort(planes.begin(), planes.end(), [](const Plane& a, const Plane& b)
      {
        return std::make_pair(a.positionMm, a.plane->frameNumber) < std::make_pair(b.positionMm, b.plane->frameNumber);
      });
      return planes;
    }

    bool HasDuplicates(const std::vector<Plane>& planes)
    {
      return std::adjacent_find(planes.begin(), planes.end(), [](const Plane& a, const Plane& b)
      { return b.positionMm - a.positionMm < SAME_POSITION_MM; }) != planes.end();
    }
  }

  VolumeAssembler::VolumeAssembler(const VolumeLimits& limits) :
    limits_(limits)
  {
  }

  VolumeOutcome VolumeAssembler::Assemble(std::vector<DicomHeader> headers) const
  {
    if (headers.empty())
    {
      return Refusal{RefusalCode::TooFewSlices, "the series has no instances"};
    }
    // The order of arrival must not show in the result, nor in which of several refusals is told.
    std::sort(headers.begin(), headers.end(),
              [](const DicomHeader& a, const DicomHeader& b) { return a.sopInstanceUid < b.sopInstanceUid; });
    if (auto refusal = CheckInstances(headers))
    {
      return *refusal;
    }
    if (auto refusal = CheckAmount(headers, limits_))
    {
      return *refusal;
    }
    const std::vector<Plane> planes = ListPlanes(headers);
    if (planes.empty())
    {
      return Refusal{RefusalCode::TooFewSlices, "the series has no slices"};
    }
    if (auto refusal = CheckPlanes(planes, limits_.orientationToleranceDegrees))
    {
      return *refusal;
    }
    if (HasDuplicates(planes))
    {
      return DescribeDuplicates(planes);
    }
    AssembledVolume volume;
    if (auto refusal = planes.size() == 1 ? MeasureSingle(volume.series, planes.front())
                                          : MeasureStack(volume.series, planes, limits_))
    {
      return *refusal;
    }
    FillSeries(volume.series, planes);
    volume.warnings = ListWarnings(volume.series);
    return volume;
  }
}
