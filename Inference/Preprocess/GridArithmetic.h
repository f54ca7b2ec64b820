// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cmath>

// The arithmetic between the native grid and the network's grid, written once for the CPU and for the CUDA kernels
// (Inference/Cuda), so that the tests of the CPU hold the device's code too.
#if defined(__CUDACC__)
#define H3K27M_HOST_DEVICE __host__ __device__
#else
#define H3K27M_HOST_DEVICE
#endif

namespace H3K27M::Preprocess
{
  // One axis of the square window that is shown to the network. Native pixel k covers the interval [k, k + 1).
  struct AxisMap
  {
    double begin = 0;    // first edge of the window in native pixels; may lie outside the image
    double step = 1;     // native pixels per pixel of the network's grid
    int nativeSize = 0;  // pixels of the image along this axis
    int gridSize = 0;    // pixels of the network's grid along this axis
  };

  // The native pixels that one pixel of the network's grid is made of: `first` ... `first + count - 1`, all inside the
  // image. count == 0 when the pixel lies outside.
  struct AxisTaps
  {
    int first = 0;
    int count = 0;
    double lower = 0;  // averaging: the covered interval; interpolating: both are the centre
    double upper = 0;
  };

  H3K27M_HOST_DEVICE inline AxisTaps GetTaps(const AxisMap& axis, int index)
  {
    AxisTaps taps;
    if (axis.step >= 1)
    {
      taps.lower = axis.begin + index * axis.step;
      taps.upper = taps.lower + axis.step;
    }
    else
    {
      taps.lower = axis.begin + (index + 0.5) * axis.step;
      taps.upper = taps.lower;
    }
    int first = static_cast<int>(std::floor(axis.step >= 1 ? taps.lower : taps.lower - 0.5));
    int end = axis.step >= 1 ? static_cast<int>(std::ceil(taps.upper)) : first + 2;
    first = first < 0 ? 0 : first;
    end = end > axis.nativeSize ? axis.nativeSize : end;
    taps.first = first;
    taps.count = end > first ? end - first : 0;
    return taps;
  }

  // The share of native pixel `pixel` in the grid pixel of `taps`. Shares of pixels outside the image are lost, which
  // pads the window with zeros.
  H3K27M_HOST_DEVICE inline float GetTapWeight(const AxisMap& axis, const AxisTaps& taps, int pixel)
  {
    if (axis.step >= 1)
    {
      const double lower = taps.lower > pixel ? taps.lower : pixel;
      const double upper = taps.upper < pixel + 1 ? taps.upper : pixel + 1;
      return upper > lower ? static_cast<float>((upper - lower) / axis.step) : 0.0f;
    }
    const double distance = std::fabs(taps.lower - (pixel + 0.5));
    return distance < 1 ? static_cast<float>(1 - distance) : 0.0f;
  }

  // Position of the centre of native pixel `pixel` on the network's grid, in grid pixels from the centre of pixel 0.
  // Inside the window when -0.5 <= value < gridSize - 0.5.
  H3K27M_HOST_DEVICE inline double ToGrid(const AxisMap& axis, int pixel)
  {
    return (pixel + 0.5 - axis.begin) / axis.step - 0.5;
  }

  // Linear interpolation at `position` (from ToGrid()): the pixel below, and the share of the pixel after it.
  struct GridTap
  {
    int below = -1;  // -1: outside the window
    int above = -1;
    float share = 0;
  };

  H3K27M_HOST_DEVICE inline GridTap GetGridTap(const AxisMap& axis, int pixel)
  {
    const double position = ToGrid(axis, pixel);
    GridTap tap;
    if (position < -0.5 || position >= axis.gridSize - 0.5)
    {
      return tap;
    }
    const double clamped =
      position < 0 ? 0 : (position > axis.gridSize - 1 ? static_cast<double>(axis.gridSize - 1) : position);
    tap.below = static_cast<int>(clamped);
    tap.above = tap.below + 1 < axis.gridSize ? tap.below + 1 : tap.below;
    tap.share = static_cast<float>(clamped - tap.below);
    return tap;
  }
}
