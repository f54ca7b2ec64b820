// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/CurveBands.h"
#include "Training/Statistics/DecisionCurve.h"
#include "Training/Statistics/PrecisionRecallCurve.h"
#include "UnitTests/Training/Statistics/SimulatedPatients.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace H3K27M::Statistics
{
  namespace
  {
    TEST(CurveBands, HaveTheHeightsOfTheCurves)
    {
      // One tie between the classes: ROC by (0, 1/2), slanted to (1/2, 1), to (1, 1).
      const CurveBands bands =
        CurveBands::FromPatients(ScoredPatients({0.9, 0.5, 0.5, 0.1}, {true, true, false, false}), 1);
      ASSERT_EQ(bands.sensitivity.size(), CurveBands::GetPlaces().size());
      EXPECT_EQ(CurveBands::GetPlaces()[25], 0.25);
      EXPECT_EQ(bands.sensitivity[0].value, 0.5);
      EXPECT_EQ(bands.sensitivity[25].value, 0.75);
      EXPECT_EQ(bands.sensitivity[50].value, 1);
      EXPECT_EQ(bands.sensitivity[100].value, 1);
      ASSERT_EQ(bands.precision.size(), CurveBands::GetPlaces().size());
      EXPECT_EQ(bands.precision[0].value, 1);
      EXPECT_EQ(bands.precision[50].value, 1);
      EXPECT_EQ(bands.precision[51].value, 2.0 / 3);
      EXPECT_EQ(bands.precision[100].value, 2.0 / 3);
    }

    // Two of each class: a sample holds the better patient of a class alone, the worse one alone, or both.
    TEST(CurveBands, ReachAsFarAsTheSamples)
    {
      const CurveBands bands =
        CurveBands::FromPatients(ScoredPatients({0.9, 0.8, 0.7, 0.6}, {true, false, true, false}), 1);
      EXPECT_EQ(bands.sensitivity[0].value, 0.5);
      EXPECT_EQ(bands.sensitivity[0].low, 0);
      EXPECT_EQ(bands.sensitivity[0].high, 1);
      EXPECT_EQ(bands.precision[100].value, 2.0 / 3);
      EXPECT_EQ(bands.precision[100].low, 0.5);
      EXPECT_EQ(bands.precision[100].high, 1);
      EXPECT_EQ(bands.averagePrecision.low, 0.5);
      EXPECT_EQ(bands.averagePrecision.high, 1);
    }

    TEST(CurveBands, LieAroundTheCurveAndRiseWithIt)
    {
      for (const int steps : {0, 20})
      {
        const CurveBands bands = CurveBands::FromPatients(Tests::SimulatePatients(5, 80, 1, steps), 1);
        for (std::size_t i = 0; i < bands.sensitivity.size(); i++)
        {
          const Estimate& height = bands.sensitivity[i];
          EXPECT_LE(height.low, height.value);
          EXPECT_GE(height.high, height.value);
          EXPECT_GE(height.low, 0);
          EXPECT_LE(height.high, 1);
          EXPECT_GE(height.low, bands.sensitivity[i - std::min<std::size_t>(i, 1)].low);
          EXPECT_GE(height.high, bands.sensitivity[i - std::min<std::size_t>(i, 1)].high);
        }
        EXPECT_LT(bands.sensitivity[30].low, bands.sensitivity[30].high);
        EXPECT_LT(bands.precision[50].low, bands.precision[50].high);
      }
    }

    TEST(CurveBands, TheAveragePrecisionIsTheOneOfTheTables)
    {
      for (const int steps : {0, 20})
      {
        const ScoredPatients patients = Tests::SimulatePatients(7, 40, 1, steps);
        const Estimate expected = EstimateAuprc(patients, 3);
        const Estimate found = CurveBands::FromPatients(patients, 3).averagePrecision;
        EXPECT_EQ(found.value, expected.value);
        EXPECT_EQ(found.low, expected.low);
        EXPECT_EQ(found.high, expected.high);
        EXPECT_EQ(found.method, expected.method);
      }
    }

    TEST(CurveBands, NeedBothClasses)
    {
      EXPECT_THROW(CurveBands::FromPatients(ScoredPatients({0.3, 0.4}, {true, true}), 1), Error);
    }

    TEST(NetBenefit, HasAnIntervalAtEachThreshold)
    {
      const ScoredPatients patients({0.9, 0.6, 0.4, 0.1}, {true, false, true, false});
      const std::vector<Estimate> benefits = EstimateNetBenefit(patients, {0.2, 0.5}, 1);
      ASSERT_EQ(benefits.size(), 2U);
      // At 0.2 both altered are found in every sample; none, one or two of the false alarm are drawn.
      EXPECT_DOUBLE_EQ(benefits[0].value, 0.5 - 0.25 * 0.25);
      EXPECT_DOUBLE_EQ(benefits[0].low, 0.5 - 0.5 * 0.25);
      EXPECT_DOUBLE_EQ(benefits[0].high, 0.5);
      EXPECT_DOUBLE_EQ(benefits[1].value, 0);
      EXPECT_DOUBLE_EQ(benefits[1].low, -0.5);
      EXPECT_DOUBLE_EQ(benefits[1].high, 0.5);
      EXPECT_NO_THROW(EstimateNetBenefit(ScoredPatients({0.9}, {true}), {0.5}, 1)) << "one class has a benefit, too";
    }
  }
}
