// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/SelfTest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace
{
  using namespace H3K27M::Predict;

  NetworkOutput MakeOutput()
  {
    NetworkOutput output;
    output.classLogits = {0.3f, -0.2f, 1.5f, 0.1f};
    for (int i = 0; i < 2 * 3 * 100; ++i)
    {
      output.segmentationLogits.push_back(std::sin(static_cast<float>(i)) * 3);
    }
    return output;
  }

  TEST(SelfTest, PassesEqualAnswers)
  {
    const SelfTestReport report = CompareWithReference(MakeOutput(), MakeOutput(), Precision::Float32);
    EXPECT_TRUE(report.passed);
    EXPECT_EQ(report.classProbability, 0);
    EXPECT_TRUE(Describe(report)["passed"].asBool());
  }

  TEST(SelfTest, FailsOnOneWrongProbability)
  {
    NetworkOutput other = MakeOutput();
    other.classLogits[2] += 0.01f;
    const SelfTestReport report = CompareWithReference(MakeOutput(), other, Precision::Float32);
    EXPECT_FALSE(report.passed);
    EXPECT_GT(report.classProbability, 5e-4);
    EXPECT_TRUE(CompareWithReference(MakeOutput(), other, Precision::BFloat16).passed);
  }

  TEST(SelfTest, FailsOnWrongMasks)
  {
    NetworkOutput other = MakeOutput();
    for (std::size_t i = 0; i < 10; ++i)
    {
      other.segmentationLogits[i] += 9;
    }
    EXPECT_FALSE(CompareWithReference(MakeOutput(), other, Precision::Float32).passed);
    EXPECT_FALSE(CompareWithReference(MakeOutput(), other, Precision::BFloat16).passed);
  }

  TEST(SelfTest, FailsOnValuesThatAreNotFinite)
  {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    {
      NetworkOutput other = MakeOutput();
      other.classLogits[1] = bad;
      EXPECT_FALSE(CompareWithReference(MakeOutput(), other, Precision::BFloat16).passed);
      other = MakeOutput();
      other.segmentationLogits[77] = bad;
      const SelfTestReport report = CompareWithReference(MakeOutput(), other, Precision::BFloat16);
      EXPECT_FALSE(report.passed);
      EXPECT_EQ(Describe(report)["max_abs_difference"].asDouble(), 2.0);
    }
  }

  TEST(SelfTest, FailsOnAnswersOfAnotherSize)
  {
    NetworkOutput other = MakeOutput();
    other.segmentationLogits.clear();
    EXPECT_FALSE(CompareWithReference(MakeOutput(), other, Precision::Float32).passed);
    EXPECT_FALSE(CompareWithReference({}, {}, Precision::Float32).passed);
  }

  TEST(SelfTest, TellsHowNearToARefusalADeviceIsWhicheverDifferenceItIs)
  {
    EXPECT_EQ(CompareWithReference(MakeOutput(), MakeOutput(), Precision::BFloat16).GetShareOfTolerance(), 0);
    NetworkOutput byClass = MakeOutput();
    byClass.classLogits[2] += 0.09f;
    NetworkOutput byPixel = MakeOutput();
    byPixel.segmentationLogits[3] += 0.3f;
    const auto first = CompareWithReference(MakeOutput(), byClass, Precision::BFloat16);
    const auto second = CompareWithReference(MakeOutput(), byPixel, Precision::BFloat16);
    ASSERT_TRUE(first.passed && second.passed);
    ASSERT_LT(first.pixelProbability, second.pixelProbability);
    EXPECT_GT(first.GetShareOfTolerance(), second.GetShareOfTolerance());
    EXPECT_LE(first.GetShareOfTolerance(), 1);
    NetworkOutput broken = MakeOutput();
    broken.classLogits[0] = std::numeric_limits<float>::quiet_NaN();
    const auto third = CompareWithReference(MakeOutput(), broken, Precision::BFloat16);
    EXPECT_FALSE(third.passed);
    EXPECT_GT(third.GetShareOfTolerance(), 1);
  }

  TEST(SelfTest, ImagesHoldHeadAndLesion)
  {
    const auto images = MakeSelfTestImages(256);
    ASSERT_EQ(images.size(), 2u * 256 * 256);
    const std::size_t lesion = 160 * 256 + 130;
    EXPECT_GT(images[256 * 256 + lesion] - images[lesion], 1);
    EXPECT_NEAR(images[0], (0.01 - 0.154) / 0.202, 1e-5);
  }
}
