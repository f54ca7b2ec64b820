// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/SegmentationMask.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/FaultList.h"
#include "Plugin/Masks/GridMatch.h"
#include "Plugin/Masks/LabelChoice.h"
#include "Plugin/Support/NumberText.h"
#include "Plugin/Volume/SliceGrid.h"
#include "Plugin/Volume/SourceSeries.h"

#include <algorithm>

namespace H3K27M::Masks
{
  namespace
  {
    constexpr double ANGLE_TOLERANCE_DEGREES = 0.1;
    constexpr double SPACING_TOLERANCE_FRACTION = 1e-3;

    void CheckWhole(const SegmentationFile& file, const Volume::SourceSeries& series, Support::FaultList& faults)
    {
      if (file.rows != series.rows || file.columns != series.columns)
      {
        faults.Add("it has " + std::to_string(file.columns) + " x " + std::to_string(file.rows) +
                   " voxels a slice (columns x rows), the series " + std::to_string(series.columns) + " x " +
                   std::to_string(series.rows));
      }
      if (file.frameOfReferenceUid != series.frameOfReferenceUid && !series.frameOfReferenceUid.empty())
      {
        faults.Add("its frame of reference is " + file.frameOfReferenceUid + ", the series' is " +
                   series.frameOfReferenceUid);
      }
      if (!file.referencedSeries.empty() && !file.referencedSeries.contains(series.seriesInstanceUid))
      {
        faults.Add("it was drawn on another series: " + QuoteAll(file.referencedSeries));
      }
    }

    // Whether spacing and directions are the series' own.
    bool CheckShape(const std::string& what, const SegmentationFrame& frame, const Volume::SourceSeries& series,
                    const Volume::SliceGrid& grid, Support::FaultList& faults)
    {
      const std::array<Volume::Vector, 2> wanted = {grid.GetColumnStep(), grid.GetRowStep()};
      bool isSame = true;
      for (std::size_t i = 0; i < 2; i++)
      {
        const double angle = Volume::AngleDegrees(frame.directions[i], wanted[i]);
        if (!(angle <= ANGLE_TOLERANCE_DEGREES))
        {
          faults.Add(what + "its " + (i == 0 ? "rows are" : "columns are") + " turned by " +
                     Support::ToShortText(angle) + " degrees");
          isSame = false;
        }
        const double difference = std::abs(frame.pixelSpacingMm[i] - series.pixelSpacingMm[i]);
        if (!(difference <= SPACING_TOLERANCE_FRACTION * series.pixelSpacingMm[i]))
        {
          faults.Add(what + "its " + (i == 0 ? "rows" : "columns") + " lie " +
                     Support::ToShortText(frame.pixelSpacingMm[i]) + " mm apart, the series' " +
                     Support::ToShortText(series.pixelSpacingMm[i]) + " mm");
          isSame = false;
        }
      }
      return isSame;
    }

    bool NamesSlice(const SegmentationFrame& frame, const Volume::SourceSlice& slice)
    {
      return std::any_of(frame.sources.begin(), frame.sources.end(), [&slice](const SegmentationSource& source)
      {
        return source.sopInstanceUid == slice.sopInstanceUid &&
               (!slice.isMultiFrame || source.frame == 0 || source.frame == slice.frameNumber);
      });
    }

    // The slice that the frame lies on; the number of slices when it lies on none.
    std::size_t FindSlice(const std::string& what, const SegmentationFrame& frame, const Volume::SourceSeries& series,
                          const Volume::SliceGrid& grid, Support::FaultList& faults)
    {
      const std::size_t slice = grid.FindNearestSlice(frame.position);
      const Volume::PointInSlice offset = grid.Locate(frame.position, slice);
      const double sliceFraction = std::abs(offset.offPlaneMm) / series.sliceSpacingMm;
      if (!(std::max({std::abs(offset.column), std::abs(offset.row), sliceFraction}) <= GridMatch::TOLERANCE_VOXELS))
      {
        const Volume::Vector mm = Volume::Subtract(frame.position, grid.GetCentre(0, 0, slice));
        faults.Add(what + "it lies " + Support::ToShortText(Volume::Length(mm)) + " mm (left " +
                   Support::ToShortText(mm[0]) + ", posterior " + Support::ToShortText(mm[1]) + ", superior " +
                   Support::ToShortText(mm[2]) + ") from the nearest slice");
        return series.slices.size();
      }
      if (!frame.sources.empty() && !NamesSlice(frame, series.slices[slice]))
      {
        faults.Add(what + "it names another image than the slice that it lies on (" +
                   frame.sources.front().sopInstanceUid + ")");
        return series.slices.size();
      }
      return slice;
    }
  }

  const SegmentDescription& ChooseSegment(const SegmentationFile& file, unsigned number)
  {
    std::set<std::string> known;
    for (const SegmentDescription& segment : file.segments)
    {
      if (segment.number == number || (number == 0 && file.segments.size() == 1))
      {
        return segment;
      }
      known.insert(std::to_string(segment.number) + " " + segment.label);
    }
    throw Error(ErrorCode::BadInput, (number == 0 ? std::string("The segmentation has several segments: name one as "
                                                                "'segment'")
                                                  : "The segmentation has no segment " + std::to_string(number)) +
                                       "; it has " + QuoteAll(known));
  }

  Results::MaskVolume ReadSegmentationMask(const SegmentationFile& file, const SegmentDescription& segment,
                                           const Volume::SourceSeries& series)
  {
    const Volume::SliceGrid grid(series);
    Support::FaultList faults;
    CheckWhole(file, series, faults);
    std::vector<std::size_t> frameOfSlice(series.slices.size(), file.frames.size());
    for (std::size_t i = 0; i < file.frames.size(); i++)
    {
      const SegmentationFrame& frame = file.frames[i];
      const std::string what = "frame " + std::to_string(i + 1) + ": ";
      if (frame.segment != segment.number || !CheckShape(what, frame, series, grid, faults))
      {
        continue;
      }
      const std::size_t slice = FindSlice(what, frame, series, grid, faults);
      if (slice < series.slices.size() && frameOfSlice[slice] < file.frames.size())
      {
        faults.Add(what + "its slice has another frame of the segment already");
      }
      else if (slice < series.slices.size())
      {
        frameOfSlice[slice] = i;
      }
    }
    faults.ThrowIfAny("The segmentation does not lie on the series");

    Results::MaskVolume mask(series);
    for (std::size_t slice = 0; slice < frameOfSlice.size(); slice++)
    {
      if (frameOfSlice[slice] < file.frames.size())
      {
        mask.SetSlice(slice, file.ReadFrame(frameOfSlice[slice]));
      }
    }
    return mask;
  }
}
