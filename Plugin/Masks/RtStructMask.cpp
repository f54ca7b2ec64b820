// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/RtStructMask.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Masks/ContourRaster.h"
#include "Plugin/Support/FaultList.h"
#include "Plugin/Masks/LabelChoice.h"
#include "Plugin/Masks/RtStructFile.h"
#include "Plugin/Masks/SliceCanvas.h"
#include "Plugin/Volume/SliceGrid.h"
#include "Plugin/Volume/SourceSeries.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace H3K27M::Masks
{
  namespace
  {
    constexpr double PLANE_TOLERANCE_FRACTION = 0.1;  // of the slice spacing: planning systems round to 0.1 mm

    // Of all contours with the image's rows. A head in 400 slices of 512 rows makes less than a million; a contour that
    // runs up and down for each of its points would take gigabytes.
    constexpr std::size_t MAX_CROSSINGS = 4'000'000;

    // From the first pixel: no image is so large, and the raster counts on numbers that are finite.
    constexpr double FARTHEST_PIXELS = 1e6;

    // In (3006,0042); the second came in 2021 and says of holes what even-odd does anyway.
    constexpr const char* CLOSED_PLANAR = "CLOSED_PLANAR";
    constexpr const char* CLOSED_PLANAR_XOR = "CLOSEDPLANAR_XOR";

    const RtStructure& Choose(const RtStructFile& file, const std::string& roi)
    {
      std::set<std::string> names;
      const RtStructure* chosen = nullptr;
      std::size_t fitting = 0;
      for (const RtStructure& structure : file.structures)
      {
        names.insert(structure.name);
        if (roi.empty() || structure.name == roi)
        {
          chosen = &structure;
          fitting++;
        }
      }
      if (fitting == 1)
      {
        return *chosen;
      }
      if (names.empty())
      {
        throw Error(ErrorCode::BadInput, "The RT Structure Set holds no structure");
      }
      const std::string known = "; it has " + QuoteAll(names);
      if (roi.empty())
      {
        throw Error(ErrorCode::BadInput, "The RT Structure Set holds several structures: name one as 'roi'" + known);
      }
      throw Error(ErrorCode::BadInput, fitting == 0 ? "The RT Structure Set has no structure \"" + roi + "\"" + known
                                                    : "The name \"" + roi + "\" is borne by several structures");
    }

    // Not a number is neither near nor far, and is refused.
    bool IsNear(const Volume::PointInSlice& point)
    {
      return std::abs(point.column) <= FARTHEST_PIXELS && std::abs(point.row) <= FARTHEST_PIXELS &&
             std::isfinite(point.offPlaneMm);
    }

    std::string Millimetres(double value)
    {
      char text[32];
      std::snprintf(text, sizeof(text), "%.2f mm", value);
      return text;
    }

    class ContourPlacer
    {
    public:
      ContourPlacer(const Volume::SourceSeries& series, Support::FaultList& faults) :
        series_(series),
        grid_(series),
        faults_(faults)
      {
      }

      void Add(std::size_t index, const RtContour& contour)
      {
        const std::string what = "contour " + std::to_string(index) + ": ";
        if (contour.geometricType != CLOSED_PLANAR && contour.geometricType != CLOSED_PLANAR_XOR)
        {
          faults_.Add(what + "its type is " + contour.geometricType.substr(0, 16) + ", not CLOSED_PLANAR");
        }
        else if (!contour.fault.empty())
        {
          faults_.Add(what + contour.fault);
        }
        else
        {
          Place(what, contour);
        }
      }

      Results::MaskVolume Fill() const
      {
        Results::MaskVolume mask(series_);
        for (const auto& [slice, contours] : contours_)
        {
          SliceCanvas canvas(series_.rows, series_.columns);
          for (const std::vector<PixelPoint>& contour : contours)
          {
            InvertContour(canvas, contour);
          }
          if (!canvas.IsEmpty())
          {
            mask.SetSlice(slice, canvas.GetPixels());
          }
        }
        return mask;
      }

    private:
      void Place(const std::string& what, const RtContour& contour)
      {
        const std::size_t slice = grid_.FindNearestSlice(contour.points.front());
        std::vector<PixelPoint> points;
        points.reserve(contour.points.size());
        double farthest = 0;
        for (const Volume::Vector& point : contour.points)
        {
          const Volume::PointInSlice located = grid_.Locate(point, slice);
          if (!IsNear(located))
          {
            faults_.Add(what + "it has a point far outside of the image");
            return;
          }
          points.push_back({located.column, located.row});
          farthest = std::max(farthest, std::abs(located.offPlaneMm));
        }
        if (!(farthest <= PLANE_TOLERANCE_FRACTION * series_.sliceSpacingMm))
        {
          faults_.Add(what + "it lies up to " + Millimetres(farthest) + " off the nearest slice");
          return;
        }
        if (CheckReference(what, contour, slice))
        {
          CountIn(points);
          contours_[slice].push_back(std::move(points));
        }
      }

      // At once, not as one fault among others: what follows would be drawn too.
      void CountIn(const std::vector<PixelPoint>& points)
      {
        crossings_ += CountCrossings(points, series_.rows);
        if (crossings_ > MAX_CROSSINGS)
        {
          throw Error(ErrorCode::BadInput, "The structure's contours cross the rows of the images more than " +
                                             std::to_string(MAX_CROSSINGS) +
                                             " times: export it with smoother contours");
        }
      }

      bool CheckReference(const std::string& what, const RtContour& contour, std::size_t slice)
      {
        const Volume::SourceSlice& source = series_.slices[slice];
        if (contour.referencedInstance.empty())
        {
          return true;  // optional; the plane says it
        }
        const bool isKnown =
          std::any_of(series_.slices.begin(), series_.slices.end(), [&contour](const Volume::SourceSlice& candidate)
        { return candidate.sopInstanceUid == contour.referencedInstance; });
        if (!isKnown)
        {
          faults_.Add(what + "it names an image that is not in the series (" + contour.referencedInstance + ")");
          return false;
        }
        const bool isSameFrame =
          !source.isMultiFrame || contour.referencedFrame == 0 || contour.referencedFrame == source.frameNumber;
        if (contour.referencedInstance != source.sopInstanceUid || !isSameFrame)
        {
          faults_.Add(what + "it names another image of the series than the one that it lies on");
          return false;
        }
        return true;
      }

      const Volume::SourceSeries& series_;
      Volume::SliceGrid grid_;
      Support::FaultList& faults_;
      std::size_t crossings_ = 0;
      std::map<std::size_t, std::vector<std::vector<PixelPoint>>> contours_;  // by slice
    };

    void CheckReferences(const RtStructFile& file, const RtStructure& structure, const Volume::SourceSeries& series,
                         Support::FaultList& faults)
    {
      // A series without a frame of reference cannot be named by one: its contours lie in it where they name the
      // series.
      const bool isNamed =
        series.frameOfReferenceUid.empty() && file.referencedSeries.contains(series.seriesInstanceUid);
      if (structure.frameOfReferenceUid != series.frameOfReferenceUid && !isNamed)
      {
        faults.Add("its frame of reference is " + structure.frameOfReferenceUid + ", the series' is " +
                   (series.frameOfReferenceUid.empty() ? "not named" : series.frameOfReferenceUid));
      }
      if (!file.referencedSeries.empty() && !file.referencedSeries.contains(series.seriesInstanceUid))
      {
        faults.Add("it was drawn on another series: " + QuoteAll(file.referencedSeries));
      }
      if (structure.contours.empty())
      {
        faults.Add("it has no contour");
      }
    }
  }

  Results::MaskVolume ReadRtStructMask(std::string_view bytes, const Volume::SourceSeries& series,
                                       const std::string& roi, const Volume::VolumeLimits& limits)
  {
    const RtStructFile file = RtStructFile::Parse(bytes, limits);
    const RtStructure& structure = Choose(file, roi);
    Support::FaultList faults;
    CheckReferences(file, structure, series, faults);
    ContourPlacer placer(series, faults);
    for (std::size_t i = 0; i < structure.contours.size(); i++)
    {
      placer.Add(i, structure.contours[i]);
    }
    faults.ThrowIfAny("The structure \"" + structure.name + "\" cannot be taken");
    return placer.Fill();
  }
}
