// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/InPlaneOrientation.h"

#include "Inference/Protocol/Error.h"

#include <cmath>
#include <cstdint>
#include <string>

namespace H3K27M::Volume
{
  namespace
  {
    // Rounded cosines of a plane at 45 degrees sharp do not decide.
    constexpr double CLEARLY_NEARER = 1e-6;

    void CheckLength(std::size_t length, std::size_t rows, std::size_t columns)
    {
      if (length != rows * columns)
      {
        throw Error(ErrorCode::Internal, "a slice of " + std::to_string(rows) + " x " + std::to_string(columns) +
                                           " pixels cannot be arranged in a buffer of " + std::to_string(length));
      }
    }

    // Calls visit(arranged, stored) with the indices of each pixel, in the order of the arranged slice.
    template <typename Visitor>
    void VisitPixels(const InPlaneOrientation& orientation, std::size_t rows, std::size_t columns, Visitor visit)
    {
      const auto [arrangedRows, arrangedColumns] = orientation.ArrangePair(std::array{rows, columns});
      std::size_t arranged = 0;
      for (std::size_t i = 0; i < arrangedRows; ++i)
      {
        const std::size_t row = orientation.FlipsRows() ? arrangedRows - 1 - i : i;
        for (std::size_t j = 0; j < arrangedColumns; ++j)
        {
          const std::size_t column = orientation.FlipsColumns() ? arrangedColumns - 1 - j : j;
          visit(arranged, orientation.Transposes() ? column * columns + row : row * columns + column);
          ++arranged;
        }
      }
    }
  }

  InPlaneOrientation::InPlaneOrientation(bool transpose, bool flipRows, bool flipColumns) noexcept :
    transpose_(transpose),
    flipRows_(flipRows),
    flipColumns_(flipColumns)
  {
  }

  InPlaneOrientation InPlaneOrientation::FromCosines(const std::array<double, 6>& imageOrientationPatient) noexcept
  {
    const std::array<double, 6>& d = imageOrientationPatient;
    // For each of both: how far towards left and posterior the two directions can be made to run.
    const double asStored = std::abs(d[0]) + std::abs(d[4]);
    const double transposed = std::abs(d[3]) + std::abs(d[1]);
    const bool transpose = transposed > asStored + CLEARLY_NEARER;
    const double towardsLeft = transpose ? d[3] : d[0];
    const double towardsPosterior = transpose ? d[1] : d[4];
    return InPlaneOrientation(transpose, towardsPosterior < 0, towardsLeft < 0);
  }

  template <typename T>
  void InPlaneOrientation::Apply(std::span<const T> stored, std::size_t rows, std::size_t columns,
                                 std::span<T> target) const
  {
    CheckLength(stored.size(), rows, columns);
    CheckLength(target.size(), rows, columns);
    VisitPixels(*this, rows, columns, [&](std::size_t to, std::size_t from) { target[to] = stored[from]; });
  }

  template <typename T>
  void InPlaneOrientation::Invert(std::span<const T> arranged, std::size_t rows, std::size_t columns,
                                  std::span<T> target) const
  {
    CheckLength(arranged.size(), rows, columns);
    CheckLength(target.size(), rows, columns);
    VisitPixels(*this, rows, columns, [&](std::size_t from, std::size_t to) { target[to] = arranged[from]; });
  }

  template void InPlaneOrientation::Apply(std::span<const float>, std::size_t, std::size_t, std::span<float>) const;
  template void InPlaneOrientation::Apply(std::span<const std::uint16_t>, std::size_t, std::size_t,
                                          std::span<std::uint16_t>) const;
  template void InPlaneOrientation::Apply(std::span<const std::uint8_t>, std::size_t, std::size_t,
                                          std::span<std::uint8_t>) const;
  template void InPlaneOrientation::Invert(std::span<const float>, std::size_t, std::size_t, std::span<float>) const;
  template void InPlaneOrientation::Invert(std::span<const std::uint16_t>, std::size_t, std::size_t,
                                           std::span<std::uint16_t>) const;
  template void InPlaneOrientation::Invert(std::span<const std::uint8_t>, std::size_t, std::size_t,
                                           std::span<std::uint8_t>) const;
}
