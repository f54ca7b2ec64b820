// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <algorithm>
#include <array>
#include <cmath>

// Points and directions in patient space: LPS, mm.
namespace H3K27M::Volume
{
  using Vector = std::array<double, 3>;

  inline constexpr double DEGREES_PER_RADIAN = 57.29577951308232;

  inline double Dot(const Vector& a, const Vector& b)
  {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  }

  inline double Length(const Vector& a)
  {
    return std::sqrt(Dot(a, a));
  }

  inline Vector Scale(const Vector& a, double factor)
  {
    return {a[0] * factor, a[1] * factor, a[2] * factor};
  }

  inline Vector Add(const Vector& a, const Vector& b)
  {
    return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
  }

  inline Vector Subtract(const Vector& a, const Vector& b)
  {
    return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
  }

  inline Vector Cross(const Vector& a, const Vector& b)
  {
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
  }

  // 0 to 180; neither may be of length 0.
  inline double AngleDegrees(const Vector& a, const Vector& b)
  {
    const double product = Dot(a, b) / std::sqrt(Dot(a, a) * Dot(b, b));  // exactly 1 for equal ones
    return std::acos(std::clamp(product, -1.0, 1.0)) * DEGREES_PER_RADIAN;
  }

  // Of ImageOrientationPatient (0020,0037): along a row, that is where the column index grows.
  inline Vector GetRowDirection(const std::array<double, 6>& orientation)
  {
    return {orientation[0], orientation[1], orientation[2]};
  }

  // Along a column, that is where the row index grows.
  inline Vector GetColumnDirection(const std::array<double, 6>& orientation)
  {
    return {orientation[3], orientation[4], orientation[5]};
  }

  // Of length 1 where the two directions are perpendicular unit vectors.
  inline Vector GetNormal(const std::array<double, 6>& orientation)
  {
    return Cross(GetRowDirection(orientation), GetColumnDirection(orientation));
  }
}
