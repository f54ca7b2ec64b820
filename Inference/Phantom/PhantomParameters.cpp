// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/PhantomParameters.h"

#include "Inference/Phantom/RandomSource.h"
#include "Inference/Protocol/Error.h"

#include <array>
#include <string>

namespace H3K27M::Phantom
{
  namespace
  {
    constexpr std::uint64_t maximumVoxels = 64ULL * 1024 * 1024;
    constexpr double maximumFieldMm = 1000;
    constexpr std::uint64_t acquisitionStream = 0x616371;

    void CheckRange(const char* name, double value, double low, double high)
    {
      // The negation also refuses NaN.
      if (!(value >= low && value <= high))
      {
        throw Error(ErrorCode::BadInput, std::string("Phantom: ") + name + " must lie between " + std::to_string(low) +
                                           " and " + std::to_string(high));
      }
    }
  }

  std::string_view ToString(GenotypeStatus status) noexcept
  {
    return status == GenotypeStatus::Altered ? "altered" : "wild-type";
  }

  GenotypeStatus ParseGenotypeStatus(std::string_view text)
  {
    if (text == "altered")
    {
      return GenotypeStatus::Altered;
    }
    if (text == "wild-type")
    {
      return GenotypeStatus::WildType;
    }
    throw Error(ErrorCode::BadInput, "Status must be 'altered' or 'wild-type', not '" + std::string(text) + "'");
  }

  void PhantomParameters::Validate() const
  {
    CheckRange("signal_strength", signalStrength, 0, 1);
    CheckRange("rows", rows, 32, 1024);
    CheckRange("columns", columns, 32, 1024);
    CheckRange("slices", slices, 1, 256);
    CheckRange("pixel_spacing_mm", pixelSpacingMm, 0.2, 8);
    CheckRange("slice_spacing_mm", sliceSpacingMm, 0.5, 12);
    // What the generator works out before the voxels grows with the space that they span, not with their number.
    CheckRange("rows * pixel_spacing_mm", rows * pixelSpacingMm, 0, maximumFieldMm);
    CheckRange("columns * pixel_spacing_mm", columns * pixelSpacingMm, 0, maximumFieldMm);
    CheckRange("slices * slice_spacing_mm", slices * sliceSpacingMm, 0, maximumFieldMm);
    if (std::uint64_t{rows} * columns * slices > maximumVoxels)
    {
      throw Error(ErrorCode::BadInput, "Phantom: more than " + std::to_string(maximumVoxels) + " voxels");
    }
  }

  PhantomParameters PhantomParameters::DrawAcquisition(std::uint64_t seed, unsigned int maximumMatrix)
  {
    RandomSource random(seed, acquisitionStream);
    constexpr std::array<unsigned int, 5> matrices = {256, 288, 320, 384, 512};
    PhantomParameters parameters;
    parameters.seed = seed;
    const unsigned int matrix = matrices[random.Index(matrices.size())];
    parameters.columns = matrix < maximumMatrix ? matrix : maximumMatrix;
    // Rectangular fields of view (fewer phase-encoding steps) are common; heads are longer than wide.
    const double fieldOfViewMm = random.Uniform(220, 260);
    parameters.rows = parameters.columns;
    if (random.Chance(0.3))
    {
      parameters.columns = parameters.rows - (parameters.rows / 8 & ~7U);
    }
    parameters.pixelSpacingMm = fieldOfViewMm / parameters.rows;
    parameters.sliceSpacingMm = random.Uniform(3.0, 6.5);
    const double coverageMm = random.Uniform(115, 165);
    parameters.slices = static_cast<unsigned int>(coverageMm / parameters.sliceSpacingMm);
    return parameters;
  }
}
