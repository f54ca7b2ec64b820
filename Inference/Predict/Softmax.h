// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace H3K27M::Predict
{
  // Softmax over `CLASSES` values that lie `stride` apart. NaN or +infinity among them: NaN for all.
  template <std::size_t CLASSES>
  std::array<double, CLASSES> GetSoftmax(const float* logits, std::size_t stride)
  {
    std::array<double, CLASSES> values{};
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < CLASSES; ++i)
    {
      values[i] = static_cast<double>(logits[i * stride]);
      largest = std::max(largest, values[i]);
    }
    double sum = 0;
    for (double& value : values)
    {
      value = std::exp(value - largest);
      sum += value;
    }
    for (double& value : values)
    {
      value /= sum;
    }
    return values;
  }
}
