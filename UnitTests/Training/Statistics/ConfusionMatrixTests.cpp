// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/ConfusionMatrix.h"
#include "Training/Statistics/Proportion.h"

#include <gtest/gtest.h>

namespace H3K27M::Statistics
{
  namespace
  {
    TEST(Proportion, WilsonEqualsTheTextbook)
    {
      const Estimate half = EstimateProportion(5, 10);
      EXPECT_NEAR(half.low, 0.2366, 1e-4);
      EXPECT_NEAR(half.high, 0.7634, 1e-4);
      const Estimate none = EstimateProportion(0, 10);
      EXPECT_EQ(none.low, 0);
      EXPECT_NEAR(none.high, 0.2775, 1e-4);
      EXPECT_EQ(EstimateProportion(10, 10).high, 1);
      EXPECT_NEAR(EstimateProportion(1, 1).low, 0.2065, 1e-4);  // 1 / (1 + z^2)
      EXPECT_THROW(EstimateProportion(0, 0), Error);
      EXPECT_THROW(EstimateProportion(2, 1), Error);
    }

    TEST(ConfusionMatrix, CallsPositiveOnlyWhatIsStrictlyGreater)
    {
      const ConfusionMatrix matrix = ConfusionMatrix::Count(
        ScoredPatients({0.9, 0.5, 0.2, 0.5, 0.7, 0.1}, {true, true, true, false, false, false}), 0.5);
      EXPECT_EQ(matrix.truePositives, 1U);
      EXPECT_EQ(matrix.falseNegatives, 2U);
      EXPECT_EQ(matrix.falsePositives, 1U);
      EXPECT_EQ(matrix.trueNegatives, 2U);
      EXPECT_DOUBLE_EQ(matrix.GetSensitivity()->value, 1.0 / 3);
      EXPECT_DOUBLE_EQ(matrix.GetSpecificity()->value, 2.0 / 3);
      EXPECT_DOUBLE_EQ(matrix.GetPositivePredictiveValue()->value, 0.5);
      EXPECT_DOUBLE_EQ(matrix.GetNegativePredictiveValue()->value, 0.5);
      EXPECT_DOUBLE_EQ(matrix.GetAccuracy()->value, 0.5);
      EXPECT_DOUBLE_EQ(matrix.GetF1()->value, 2.0 / 5);
    }

    TEST(ConfusionMatrix, F1CarriesTheIntervalOfItsProportionThrough)
    {
      ConfusionMatrix matrix;
      matrix.truePositives = 8;
      matrix.falsePositives = 2;
      matrix.falseNegatives = 3;
      const Estimate share = EstimateProportion(8, 13);
      EXPECT_DOUBLE_EQ(matrix.GetF1()->value, 16.0 / 21);
      EXPECT_DOUBLE_EQ(matrix.GetF1()->low, 2 * share.low / (1 + share.low));
      EXPECT_DOUBLE_EQ(matrix.GetF1()->high, 2 * share.high / (1 + share.high));
    }

    TEST(ConfusionMatrix, PatientsWithoutAnswerAreNotFoundAndNotCalled)
    {
      ConfusionMatrix matrix;
      matrix.truePositives = 3;
      matrix.trueNegatives = 4;
      matrix.unansweredPositives = 1;
      matrix.unansweredNegatives = 1;
      EXPECT_DOUBLE_EQ(matrix.GetSensitivity()->value, 0.75);
      EXPECT_DOUBLE_EQ(matrix.GetSpecificity()->value, 0.8);
      EXPECT_DOUBLE_EQ(matrix.GetAccuracy()->value, 7.0 / 9);
      EXPECT_DOUBLE_EQ(matrix.GetF1()->value, 6.0 / 7);
      EXPECT_EQ(matrix.GetPositivePredictiveValue()->value, 1);
      EXPECT_EQ(matrix.GetNegativePredictiveValue()->value, 1);
    }

    TEST(ConfusionMatrix, AMeasureWithoutPatientsIsEmpty)
    {
      const ConfusionMatrix matrix = ConfusionMatrix::Count(ScoredPatients({0.2, 0.1}, {false, false}), 0.5);
      EXPECT_FALSE(matrix.GetSensitivity());
      EXPECT_FALSE(matrix.GetPositivePredictiveValue());
      EXPECT_FALSE(matrix.GetF1());
      EXPECT_EQ(matrix.GetSpecificity()->value, 1);
      EXPECT_FALSE(ConfusionMatrix().GetAccuracy());
    }
  }
}
