// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/BrierScore.h"
#include "Training/Statistics/DeLong.h"
#include "Training/Statistics/Proportion.h"
#include "Training/Statistics/ReliabilityCurve.h"
#include "Training/Statistics/TemperatureScaling.h"
#include "UnitTests/Training/Statistics/SimulatedPatients.h"

#include <gtest/gtest.h>

#include <cmath>

namespace H3K27M::Statistics
{
  namespace
  {
    TEST(BrierScore, IsTheMeanSquaredDistance)
    {
      EXPECT_DOUBLE_EQ(EstimateBrierScore(ScoredPatients({0.9, 0.2}, {true, false}), 1).value, 0.025);
      EXPECT_EQ(EstimateBrierScore(ScoredPatients({1, 0}, {true, false}), 1).value, 0);
      EXPECT_EQ(EstimateBrierScore(ScoredPatients({0.5}, {true}), 1).value, 0.25);
    }

    TEST(ReliabilityCurve, BinsOfEqualWidthWithWilson)
    {
      const ReliabilityCurve curve(ScoredPatients({0.05, 0.15, 0.15, 1}, {false, false, true, true}),
                                   Binning::EqualWidth);
      ASSERT_EQ(curve.GetBins().size(), 3U);  // the empty ones are left out
      EXPECT_EQ(curve.GetBins()[1].patients, 2U);
      EXPECT_DOUBLE_EQ(curve.GetBins()[1].meanScore, 0.15);
      EXPECT_EQ(curve.GetBins()[1].observed.low, EstimateProportion(1, 2).low);
      EXPECT_EQ(curve.GetBins()[2].meanScore, 1);  // the last bin is closed
      EXPECT_DOUBLE_EQ(curve.GetExpectedCalibrationError(), 0.25 * 0.05 + 0.5 * 0.35);
    }

    TEST(ReliabilityCurve, TheCalibrationErrorHasAnIntervalOfPatients)
    {
      // Each patient has a bin alone: a sample is as far off as the one, as the other, or half of both.
      const Estimate error =
        EstimateCalibrationError(ScoredPatients({0.9, 0.2}, {true, false}), Binning::EqualWidth, 1);
      EXPECT_DOUBLE_EQ(error.value, 0.15);
      EXPECT_DOUBLE_EQ(error.low, 0.1);
      EXPECT_DOUBLE_EQ(error.high, 0.2);
      EXPECT_THROW(EstimateCalibrationError(ScoredPatients({1.5}, {true}), Binning::EqualWidth, 1), Error);
    }

    TEST(ReliabilityCurve, BinsOfEqualMass)
    {
      const ScoredPatients patients({0.8, 0.1, 0.2, 0.3, 0.7, 0.9}, {true, false, false, true, true, true});
      const ReliabilityCurve curve(patients, Binning::EqualMass, 3);
      ASSERT_EQ(curve.GetBins().size(), 3U);
      EXPECT_DOUBLE_EQ(curve.GetBins()[0].meanScore, 0.15);
      EXPECT_DOUBLE_EQ(curve.GetBins()[1].meanScore, 0.5);
      EXPECT_DOUBLE_EQ(curve.GetBins()[2].meanScore, 0.85);
    }

    TEST(ReliabilityCurve, EqualScoresStayTogether)
    {
      const ReliabilityCurve curve(ScoredPatients({0.1, 0.5, 0.5, 0.5}, {false, true, false, true}), Binning::EqualMass,
                                   2);
      EXPECT_EQ(curve.GetBins().size(), 1U);
      const ReliabilityCurve single(ScoredPatients({0.4}, {true}), Binning::EqualMass);
      EXPECT_DOUBLE_EQ(single.GetExpectedCalibrationError(), 0.6);
    }

    TEST(ReliabilityCurve, RefusesWhatIsNoProbability)
    {
      EXPECT_THROW(ReliabilityCurve(ScoredPatients({1.5}, {true}), Binning::EqualWidth), Error);
      EXPECT_THROW(ReliabilityCurve(ScoredPatients({0.5}, {true}), Binning::EqualWidth, 0), Error);
    }

    TEST(TemperatureScaling, MakesTheLogitsFitTheShares)
    {
      // At logit 2 three of four are positive, at -2 one of four: 2 / T = ln 3.
      const TemperatureScaling scaling = TemperatureScaling::Fit(
        ScoredPatients({2, 2, 2, 2, -2, -2, -2, -2}, {true, true, true, false, true, false, false, false}));
      EXPECT_NEAR(scaling.GetTemperature(), 2 / std::log(3.0), 1e-14);
      EXPECT_NEAR(scaling.Apply(2), 0.75, 1e-14);
      EXPECT_FALSE(scaling.IsAtBound());
    }

    TEST(TemperatureScaling, LeavesOrderAndCallAsTheyAre)
    {
      std::vector<double> logits;
      const ScoredPatients patients = Tests::SimulatePatients(8, 40, 1, 0);
      for (const double probability : patients.GetScores())
      {
        logits.push_back(std::log(probability / (1 - probability)));
      }
      const ScoredPatients outOfFold(logits, patients.GetTruth());
      const TemperatureScaling scaling = TemperatureScaling::Fit(outOfFold);
      std::vector<double> scaled;
      for (const double logit : logits)
      {
        scaled.push_back(scaling.Apply(logit));
        EXPECT_EQ(scaled.back() > 0.5, logit > 0);
      }
      EXPECT_EQ(ComputeAuroc(ScoredPatients(scaled, patients.GetTruth())), ComputeAuroc(outOfFold));
    }

    TEST(TemperatureScaling, StaysWithinItsBoundsAndSaysSo)
    {
      const TemperatureScaling separated = TemperatureScaling::Fit(ScoredPatients({3, -3}, {true, false}));
      EXPECT_EQ(separated.GetTemperature(), TemperatureScaling::LEAST);
      EXPECT_TRUE(separated.IsAtBound());
      const TemperatureScaling saturated = TemperatureScaling::Fit(ScoredPatients({5000, -5000}, {true, false}));
      EXPECT_EQ(saturated.GetTemperature(), TemperatureScaling::LEAST);
      const TemperatureScaling empty = TemperatureScaling::Fit(ScoredPatients({0, 0}, {true, false}));
      EXPECT_EQ(empty.GetTemperature(), TemperatureScaling::MOST);
      const TemperatureScaling inverted = TemperatureScaling::Fit(ScoredPatients({3, -3}, {false, true}));
      EXPECT_EQ(inverted.GetTemperature(), TemperatureScaling::MOST);
      EXPECT_THROW(TemperatureScaling::Fit(ScoredPatients({3}, {true})), Error);
    }
  }
}
