// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/PhantomDescription.h"

#include "Plugin/Results/JsonFields.h"

#include <limits>

namespace H3K27M::Results
{
  namespace
  {
    constexpr std::uint64_t MAXIMUM_EXTENT = 1024;
    constexpr std::uint64_t MAXIMUM_SLICES = 512;
    constexpr double MAXIMUM_SPACING_MM = 100;
    constexpr double MAXIMUM_POSITION_MM = 10000;
    constexpr double MAXIMUM_TIME_MS = 100000;

    template <std::size_t N>
    std::array<double, N> GetVector(const JsonFields& fields, const char* name, double lowest, double highest)
    {
      std::array<double, N> vector = {};
      const Json::Value& array = fields.GetArray(name, N);
      if (array.size() != N)
      {
        fields.Refuse(name, "a list of " + std::to_string(N) + " numbers");
      }
      for (Json::ArrayIndex i = 0; i < N; i++)
      {
        if (!array[i].isNumeric() || array[i].asDouble() < lowest || array[i].asDouble() > highest)
        {
          fields.Refuse(name, "a list of numbers from " + std::to_string(lowest) + " to " + std::to_string(highest));
        }
        vector[i] = array[i].asDouble();
      }
      return vector;
    }

    // One number for square pixels, or two: between rows, between columns.
    std::array<double, 2> GetPixelSpacing(const Json::Value& phantom, const JsonFields& fields)
    {
      constexpr const char* NAME = "pixel_spacing_mm";
      if (phantom[NAME].isNumeric())
      {
        const double spacing = fields.GetNumber(NAME, 0.01, MAXIMUM_SPACING_MM);
        return {spacing, spacing};
      }
      return GetVector<2>(fields, NAME, 0.01, MAXIMUM_SPACING_MM);
    }

    std::uint32_t GetExtent(const JsonFields& fields, const char* name, std::uint64_t highest)
    {
      const std::uint64_t extent = fields.GetCount(name, highest);
      if (extent == 0)
      {
        fields.Refuse(name, "above 0");
      }
      return static_cast<std::uint32_t>(extent);
    }

    double GetAboveZero(const JsonFields& fields, const char* name, double highest)
    {
      const double number = fields.GetNumber(name, 0, highest);
      if (number <= 0)
      {
        fields.Refuse(name, "above 0");
      }
      return number;
    }
  }

  PhantomDescription ParsePhantomDescription(std::string_view json)
  {
    const Json::Value value = ParseJsonObject(json, "The engine's phantom");
    const JsonFields fields(value, "phantom");

    PhantomDescription phantom;
    phantom.seed = fields.GetCount("seed", std::numeric_limits<std::uint64_t>::max());
    phantom.rows = GetExtent(fields, "rows", MAXIMUM_EXTENT);
    phantom.columns = GetExtent(fields, "columns", MAXIMUM_EXTENT);
    phantom.slices = GetExtent(fields, "slices", MAXIMUM_SLICES);
    phantom.pixelSpacingMm = GetPixelSpacing(value, fields);
    phantom.sliceSpacingMm = GetAboveZero(fields, "slice_spacing_mm", MAXIMUM_SPACING_MM);
    phantom.sliceThicknessMm = fields.Has("slice_thickness_mm")
                                 ? GetAboveZero(fields, "slice_thickness_mm", MAXIMUM_SPACING_MM)
                                 : phantom.sliceSpacingMm;
    phantom.firstSlicePositionMm =
      GetVector<3>(fields, "first_slice_position_mm", -MAXIMUM_POSITION_MM, MAXIMUM_POSITION_MM);
    phantom.echoTimeMs = GetAboveZero(fields, "echo_time_ms", MAXIMUM_TIME_MS);
    phantom.repetitionTimeMs = GetAboveZero(fields, "repetition_time_ms", MAXIMUM_TIME_MS);
    phantom.signalStrength = fields.GetNumber("signal_strength", 0, std::numeric_limits<double>::max());
    phantom.tumourVolumeMm3 = fields.GetNumber("tumour_volume_mm3", 0, std::numeric_limits<double>::max());
    phantom.tumourSite = fields.Has("tumour_site") ? fields.GetText("tumour_site") : std::string();

    if (fields.Has("status"))
    {
      phantom.status = ParseGenotypeStatus(fields.GetText("status"));
      if (phantom.status == GenotypeStatus::NotDetermined)
      {
        fields.Refuse("status", "altered or wild-type");
      }
    }
    if (phantom.status.has_value() != (phantom.tumourVolumeMm3 > 0))
    {
      fields.Refuse("status", "given where a tumour was planted, and only there");
    }
    return phantom;
  }
}
