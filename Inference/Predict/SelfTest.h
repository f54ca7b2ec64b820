// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"
#include "Inference/Predict/IBackend.h"

#include <json/value.h>

#include <vector>

namespace H3K27M::Predict
{
  // What a device may differ from plain fp32 before it is refused. Probabilities are softmaxes.
  struct SelfTestTolerance
  {
    double classProbability = 0;    // largest difference of a slice's probability
    double pixelProbability = 0;    // largest difference of a pixel's probability of any class
    double shareOfOtherPixels = 0;  // share of pixels whose class is another

    // fp32: 5e-4, 5e-3, 1e-4 (other order of summation only); bf16 and fp16: 0.02, 1 (edges may move), 5e-3.
    static SelfTestTolerance Of(Precision precision) noexcept;
  };

  struct SelfTestReport
  {
    bool passed = false;
    double classProbability = 0;
    double pixelProbability = 0;
    double shareOfOtherPixels = 0;
    SelfTestTolerance tolerance;

    // The largest of the differences in units of what is tolerated: at most 1 when it passed, infinite for answers that
    // cannot be compared.
    double GetShareOfTolerance() const noexcept;
  };

  // Two slices [2, 1, size, size] made by a formula: a head with ventricles, and the same with a bright lesion.
  std::vector<float> MakeSelfTestImages(std::size_t inputSize);

  // `reference`: the answer of the published network in fp32 on the CPU, unfolded, to MakeSelfTestImages(). A value
  // that is not finite fails the test.
  SelfTestReport CompareWithReference(const NetworkOutput& reference, const NetworkOutput& device, Precision precision);

  // {max_abs_difference, class_probability, pixel_probability, share_of_other_pixels, tolerance: {...}, passed}
  Json::Value Describe(const SelfTestReport& report);
}
