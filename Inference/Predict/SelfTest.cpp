// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/SelfTest.h"

#include "Inference/Network/Axes.h"
#include "Inference/Predict/Softmax.h"
#include "Inference/Preprocess/Normalisation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace H3K27M::Predict
{
  namespace
  {
    template <std::size_t CLASSES>
    struct Comparison
    {
      double largestDifference = 0;
      bool isOtherClass = false;
    };

    // What is not a number counts as an infinite difference.
    template <std::size_t CLASSES>
    Comparison<CLASSES> Compare(const float* reference, const float* device, std::size_t stride)
    {
      const auto a = GetSoftmax<CLASSES>(reference, stride);
      const auto b = GetSoftmax<CLASSES>(device, stride);
      Comparison<CLASSES> comparison;
      for (std::size_t i = 0; i < CLASSES; ++i)
      {
        const double difference = std::fabs(a[i] - b[i]);
        comparison.largestDifference = difference <= 1 ? std::max(comparison.largestDifference, difference)
                                                       : std::numeric_limits<double>::infinity();
      }
      comparison.isOtherClass =
        std::max_element(a.begin(), a.end()) - a.begin() != std::max_element(b.begin(), b.end()) - b.begin();
      return comparison;
    }

    double GetDistance(double row, double column, double centreRow, double centreColumn, double radius)
    {
      const double y = row - centreRow;
      const double x = column - centreColumn;
      return std::sqrt(x * x + y * y) / radius;
    }
  }

  SelfTestTolerance SelfTestTolerance::Of(Precision precision) noexcept
  {
    if (precision == Precision::Float32)
    {
      return {5e-4, 5e-3, 1e-4};
    }
    return {0.02, 1, 5e-3};
  }

  double SelfTestReport::GetShareOfTolerance() const noexcept
  {
    return std::max({classProbability / tolerance.classProbability, pixelProbability / tolerance.pixelProbability,
                     shareOfOtherPixels / tolerance.shareOfOtherPixels});
  }

  std::vector<float> MakeSelfTestImages(std::size_t inputSize)
  {
    std::vector<float> images;
    images.reserve(2 * inputSize * inputSize);
    for (int lesion = 0; lesion < 2; ++lesion)
    {
      for (std::size_t i = 0; i < inputSize; ++i)
      {
        const double row = (static_cast<double>(i) + 0.5) / static_cast<double>(inputSize) - 0.5;
        for (std::size_t j = 0; j < inputSize; ++j)
        {
          const double column = (static_cast<double>(j) + 0.5) / static_cast<double>(inputSize) - 0.5;
          const double head = std::sqrt(row * row / 0.2025 + column * column / 0.1225);
          const double texture = 0.04 * std::sin(40 * row + 9 * column) * std::cos(31 * column - 5 * row);
          double value = head < 1 ? 0.38 + texture : 0.01;
          value = GetDistance(row, column, -0.08, -0.06, 0.05) < 1 ? 0.9 : value;
          value = GetDistance(row, column, -0.08, 0.06, 0.05) < 1 ? 0.9 : value;
          value = lesion == 1 && GetDistance(row, column, 0.12, 0.01, 0.1) < 1 ? 0.7 + texture : value;
          images.push_back(Preprocess::Normalise(static_cast<float>(value)));
        }
      }
    }
    return images;
  }

  SelfTestReport CompareWithReference(const NetworkOutput& reference, const NetworkOutput& device, Precision precision)
  {
    constexpr std::size_t GENOTYPES = Network::GENOTYPE_CLASSES;
    constexpr std::size_t SEGMENTS = Network::SEGMENTATION_CLASSES;
    SelfTestReport report;
    report.tolerance = SelfTestTolerance::Of(precision);
    if (reference.classLogits.empty() || reference.classLogits.size() != device.classLogits.size() ||
        reference.segmentationLogits.size() != device.segmentationLogits.size())
    {
      report.classProbability = std::numeric_limits<double>::infinity();
      return report;
    }
    const std::size_t slices = reference.classLogits.size() / GENOTYPES;
    const std::size_t plane = reference.segmentationLogits.size() / slices / SEGMENTS;
    std::size_t others = 0;
    for (std::size_t slice = 0; slice < slices; ++slice)
    {
      const auto genotype = Compare<GENOTYPES>(reference.classLogits.data() + slice * GENOTYPES,
                                               device.classLogits.data() + slice * GENOTYPES, 1);
      report.classProbability = std::max(report.classProbability, genotype.largestDifference);
      for (std::size_t i = 0; i < plane; ++i)
      {
        const std::size_t offset = slice * SEGMENTS * plane + i;
        const auto pixel = Compare<SEGMENTS>(reference.segmentationLogits.data() + offset,
                                             device.segmentationLogits.data() + offset, plane);
        report.pixelProbability = std::max(report.pixelProbability, pixel.largestDifference);
        others += pixel.isOtherClass ? 1 : 0;
      }
    }
    if (plane > 0)
    {
      const double onePixel = 1 / static_cast<double>(slices * plane);  // on small images more than the tolerance
      report.shareOfOtherPixels = static_cast<double>(others) * onePixel;
      report.tolerance.shareOfOtherPixels = std::max(report.tolerance.shareOfOtherPixels, onePixel);
    }
    report.passed = report.classProbability <= report.tolerance.classProbability &&
                    report.pixelProbability <= report.tolerance.pixelProbability &&
                    report.shareOfOtherPixels <= report.tolerance.shareOfOtherPixels;
    return report;
  }

  Json::Value Describe(const SelfTestReport& report)
  {
    // JSON has no infinity: 2 is beyond what probabilities can differ by.
    const auto Bound = [](double value) { return std::isfinite(value) ? value : 2.0; };
    Json::Value json;
    json["passed"] = report.passed;
    json["class_probability"] = Bound(report.classProbability);
    json["pixel_probability"] = Bound(report.pixelProbability);
    json["share_of_other_pixels"] = Bound(report.shareOfOtherPixels);
    json["max_abs_difference"] = Bound(std::max(report.classProbability, report.pixelProbability));
    json["tolerance"]["class_probability"] = report.tolerance.classProbability;
    json["tolerance"]["pixel_probability"] = report.tolerance.pixelProbability;
    json["tolerance"]["share_of_other_pixels"] = report.tolerance.shareOfOtherPixels;
    return json;
  }
}
