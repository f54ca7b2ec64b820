// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace H3K27M::Volume
{
  // How an axial slice is to be turned so that its rows follow each other towards posterior and its columns towards the
  // patient's left (voxel [row, column] -> +P, +L): the only arrangement that the network has seen. One of eight: a
  // transposition first, then flips of the transposed slice. Nothing is resampled, so that Invert undoes Apply exactly.
  // Only the plane is arranged; the order of the slices stays as it is. Immutable value, thread-safe.
  class InPlaneOrientation
  {
  public:
    // The identity: nothing to be done.
    InPlaneOrientation() = default;
    InPlaneOrientation(bool transpose, bool flipRows, bool flipColumns) noexcept;

    // The nearest of the eight for ImageOrientationPatient (0020,0037), LPS: the direction of a row (towards higher
    // columns), then that of a column (towards higher rows). At 45 degrees sharp nothing is transposed.
    static InPlaneOrientation FromCosines(const std::array<double, 6>& imageOrientationPatient) noexcept;

    bool IsIdentity() const noexcept
    {
      return !transpose_ && !flipRows_ && !flipColumns_;
    }

    bool Transposes() const noexcept
    {
      return transpose_;
    }

    // The order of the arranged rows is reversed.
    bool FlipsRows() const noexcept
    {
      return flipRows_;
    }

    // The order of the arranged columns is reversed.
    bool FlipsColumns() const noexcept
    {
      return flipColumns_;
    }

    // A pair for (rows, columns) as it is after Apply: the size of a slice, or PixelSpacing (between rows, between
    // columns).
    template <typename T>
    std::array<T, 2> ArrangePair(const std::array<T, 2>& pair) const noexcept
    {
      return transpose_ ? std::array<T, 2>{pair[1], pair[0]} : pair;
    }

    // From the slice as it is stored, rows x columns, to the arranged one. T: float, uint16_t or uint8_t. `target` has
    // the same number of pixels and is another buffer. Error (Internal) when a buffer is not rows * columns long.
    template <typename T>
    void Apply(std::span<const T> stored, std::size_t rows, std::size_t columns, std::span<T> target) const;

    // The way back, for a mask that was computed on the arranged slice. `rows` and `columns` are those of the stored
    // slice, as in Apply, and of `target`.
    template <typename T>
    void Invert(std::span<const T> arranged, std::size_t rows, std::size_t columns, std::span<T> target) const;

    bool operator==(const InPlaneOrientation&) const = default;

  private:
    bool transpose_ = false;
    bool flipRows_ = false;
    bool flipColumns_ = false;
  };
}
