// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/DeLong.h"
#include "UnitTests/Training/Statistics/SimulatedPatients.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace H3K27M::Statistics
{
  namespace
  {
    const std::vector<bool> TRUTH = {true, true, false, false};

    TEST(DeLong, AurocCountsPairsAndHalvesTies)
    {
      // Pairs: (.9,.5) win, (.9,.1) win, (.5,.5) tie, (.5,.1) win: 3.5 of 4.
      const Estimate auroc = EstimateAuroc(ScoredPatients({0.9, 0.5, 0.5, 0.1}, TRUTH));
      EXPECT_EQ(auroc.value, 0.875);
      // Placements 1, 0.75 and 0.25, 0: variances 0.03125 each, deviation sqrt(2 * 0.03125 / 2).
      EXPECT_NEAR(auroc.low, 0.875 - 1.959963984540054 * std::sqrt(0.03125), 1e-12);
      EXPECT_EQ(auroc.high, 1);
      EXPECT_EQ(auroc.method, "DeLong");
    }

    TEST(DeLong, LogitIntervalStaysInside)
    {
      // logit ln 7 = 1.9459, half 1.96 * 0.17678 / (0.875 * 0.125) = 3.1678.
      const Estimate auroc = EstimateAurocByLogit(ScoredPatients({0.9, 0.5, 0.5, 0.1}, TRUTH));
      EXPECT_EQ(auroc.value, 0.875);
      EXPECT_NEAR(auroc.low, 0.2276, 1e-4);
      EXPECT_NEAR(auroc.high, 0.9940, 1e-4);
    }

    // The first `positives` have the higher scores.
    ScoredPatients Separate(std::size_t positives, std::size_t negatives)
    {
      std::vector<double> scores;
      std::vector<bool> truth;
      for (std::size_t i = 0; i < positives + negatives; i++)
      {
        scores.push_back(-static_cast<double>(i));
        truth.push_back(i < positives);
      }
      return {scores, truth};
    }

    TEST(DeLong, CompleteSeparationOfFewPatientsLeavesRoom)
    {
      for (const auto estimate : {EstimateAuroc, EstimateAurocByLogit})
      {
        const Estimate auroc = estimate(ScoredPatients({0.9, 0.8, 0.2, 0.1}, TRUTH));
        EXPECT_EQ(auroc.value, 1);
        EXPECT_NEAR(auroc.low, std::sqrt(0.025), 1e-14);  // two of two pairs, Clopper and Pearson
        EXPECT_EQ(auroc.high, 1);
        EXPECT_NE(auroc.method.find("completely separated"), std::string::npos) << auroc.method;
        EXPECT_NE(auroc.method.find("exact binomial"), std::string::npos) << auroc.method;

        const Estimate wrong = estimate(ScoredPatients({0.1, 0.2, 0.8, 0.9}, TRUTH));
        EXPECT_EQ(wrong.low, 0);
        EXPECT_NEAR(wrong.high, 1 - std::sqrt(0.025), 1e-14);

        // The smaller class decides, and more patients tell more.
        EXPECT_NEAR(estimate(Separate(10, 50)).low, 0.6915, 1e-4);
        EXPECT_NEAR(estimate(Separate(50, 10)).low, 0.6915, 1e-4);
        EXPECT_GT(estimate(Separate(100, 100)).low, 0.96);
      }
    }

    // Once a report printed 0.988 to 1 for one misplaced pair of 18 and 17 patients, and 0.805 to 1 for none.
    TEST(DeLong, OneMisplacedPairLeavesRoomOnTheLogitScale)
    {
      const ScoredPatients separated = Separate(18, 17);
      std::vector<double> scores = separated.GetScores();
      std::swap(scores[17], scores[18]);
      const ScoredPatients misplaced(scores, separated.GetTruth());
      const Estimate plain = EstimateAuroc(misplaced);
      const Estimate logit = EstimateAurocByLogit(misplaced);
      EXPECT_DOUBLE_EQ(logit.value, 1 - 1.0 / (18 * 17));
      EXPECT_DOUBLE_EQ(logit.value, plain.value);
      EXPECT_NEAR(plain.low, 0.98767, 1e-5);
      EXPECT_EQ(plain.high, 1);
      EXPECT_NEAR(logit.low, 0.94976, 1e-5);
      EXPECT_LT(logit.high, 1);
      EXPECT_NEAR(EstimateAurocByLogit(separated).low, 0.80494, 1e-5) << "it assumes nothing of the spread";
    }

    // Two in three such studies separate completely; the interval must hold the truth all the same.
    TEST(DeLong, IntervalHoldsATruthNearOneAsOftenAsItSays)
    {
      const double truth = 0.5 * std::erfc(-3.2 / std::sqrt(2.0) / std::sqrt(2.0));
      int held = 0;
      int separated = 0;
      for (std::uint64_t trial = 0; trial < 400; trial++)
      {
        const Estimate auroc = EstimateAurocByLogit(Tests::SimulatePatients(9000 + trial, 20, 3.2, 0));
        held += auroc.low < truth && truth <= auroc.high;
        separated += auroc.value == 1;
      }
      EXPECT_GT(separated, 100);
      EXPECT_GT(held, 364);
    }

    TEST(DeLong, AllTiesAreChanceWithoutVariance)
    {
      const Estimate auroc = EstimateAuroc(ScoredPatients({0.4, 0.4, 0.4, 0.4}, TRUTH));
      EXPECT_EQ(auroc.value, 0.5);
      EXPECT_NEAR(auroc.low, 0.5 * std::sqrt(0.025), 1e-14);
      EXPECT_NEAR(auroc.high, 1 - 0.5 * std::sqrt(0.025), 1e-14);
      EXPECT_NE(auroc.method.find("stand alike"), std::string::npos) << auroc.method;
    }

    TEST(DeLong, OnePatientOfAClassTellsNothingOfTheSpread)
    {
      for (const auto estimate : {EstimateAuroc, EstimateAurocByLogit})
      {
        const Estimate auroc = estimate(ScoredPatients({0.9, 0.8, 0.85}, {true, true, false}));
        EXPECT_EQ(auroc.value, 0.5);
        EXPECT_EQ(auroc.low, 0);
        EXPECT_EQ(auroc.high, 1);
        EXPECT_NE(auroc.method.find("one patient"), std::string::npos) << auroc.method;
      }
      EXPECT_THROW(EstimateAuroc(ScoredPatients({0.9}, {true})), Error);
    }

    TEST(DeLong, OnlyTheOrderOfTheScoresMatters)
    {
      const ScoredPatients patients = Tests::SimulatePatients(3, 60, 1, 40);
      std::vector<double> bent;
      for (const double score : patients.GetScores())
      {
        bent.push_back(std::exp(5 * score));
      }
      const Estimate straight = EstimateAuroc(patients);
      const Estimate curved = EstimateAuroc(ScoredPatients(bent, patients.GetTruth()));
      EXPECT_EQ(straight.value, curved.value);
      EXPECT_EQ(straight.low, curved.low);
    }

    TEST(DeLong, SwappedClassesMirrorAreaAndInterval)
    {
      const ScoredPatients patients = Tests::SimulatePatients(4, 61, 1, 40);
      std::vector<bool> swapped = patients.GetTruth();
      swapped.flip();
      const Estimate one = EstimateAurocByLogit(patients);
      const Estimate other = EstimateAurocByLogit(ScoredPatients(patients.GetScores(), swapped));
      EXPECT_NEAR(one.value, 1 - other.value, 1e-14);
      EXPECT_NEAR(one.low, 1 - other.high, 1e-12);
    }

    TEST(PairedDeLong, EqualsTheComputationByHand)
    {
      // Differences of wins: 1, -0.5 of the positives, -0.5, 0 of the negatives; variances 1.125 and 0.125.
      const Comparison comparison =
        CompareAuroc(ScoredPatients({0.9, 0.5, 0.5, 0.1}, TRUTH), ScoredPatients({0.2, 0.8, 0.3, 0.1}, TRUTH));
      const double deviation = std::sqrt(1.125 / 4 / 2 + 0.125 / 4 / 2);
      EXPECT_EQ(comparison.difference.value, 0.125);
      ASSERT_TRUE(comparison.statistic && comparison.pValue);
      EXPECT_NEAR(*comparison.statistic, 0.125 / deviation, 1e-14);
      EXPECT_NEAR(*comparison.pValue, std::erfc(0.125 / deviation / std::sqrt(2.0)), 1e-14);
      EXPECT_NEAR(comparison.difference.low, 0.125 - 1.959963984540054 * deviation, 1e-14);
    }

    TEST(PairedDeLong, ChangesSignWithTheModels)
    {
      const ScoredPatients first = Tests::SimulatePatients(5, 50, 1, 0);
      const ScoredPatients second = Tests::SimulatePatients(6, 50, 1, 0);
      const Comparison forth = CompareAuroc(first, second);
      const Comparison back = CompareAuroc(second, first);
      EXPECT_EQ(forth.difference.value, -back.difference.value);
      EXPECT_EQ(*forth.pValue, *back.pValue);
      EXPECT_NEAR(forth.difference.value, ComputeAuroc(first) - ComputeAuroc(second), 1e-14);
    }

    TEST(PairedDeLong, ModelsThatOrderAlikeDoNotDiffer)
    {
      const ScoredPatients patients = Tests::SimulatePatients(7, 30, 1, 0);
      const Comparison comparison = CompareAuroc(patients, patients);
      EXPECT_EQ(comparison.difference.value, 0);
      const auto least = static_cast<double>(std::min(patients.GetPositives(), patients.GetNegatives()));
      EXPECT_NEAR(comparison.difference.high, 1 - std::pow(0.025, 1 / least), 1e-14);
      EXPECT_EQ(comparison.difference.low, -comparison.difference.high);
      ASSERT_TRUE(comparison.pValue);
      EXPECT_EQ(*comparison.pValue, 1);
    }

    TEST(PairedDeLong, WithoutVarianceThereIsNoP)
    {
      // Perfect against perfectly wrong: every patient differs alike.
      const Comparison opposite =
        CompareAuroc(ScoredPatients({4, 3, 2, 1}, TRUTH), ScoredPatients({1, 2, 3, 4}, TRUTH));
      EXPECT_EQ(opposite.difference.value, 1);
      EXPECT_NEAR(opposite.difference.low, 2 * std::sqrt(0.025) - 1, 1e-14);
      EXPECT_EQ(opposite.difference.high, 1);
      EXPECT_FALSE(opposite.pValue);
      EXPECT_TRUE(opposite.ToJson()["p"].isNull());

      // 0.75 against 0.25 in each class alike, but not in each pair: all is possible.
      const Comparison shifted = CompareAuroc(ScoredPatients({4, 2, 3, 1}, TRUTH), ScoredPatients({3, 1, 4, 2}, TRUTH));
      EXPECT_EQ(shifted.difference.value, 0.5);
      EXPECT_EQ(shifted.difference.low, -1);
      EXPECT_EQ(shifted.difference.high, 1);
      EXPECT_FALSE(shifted.pValue);

      const Comparison single =
        CompareAuroc(ScoredPatients({4, 1}, {true, false}), ScoredPatients({1, 4}, {true, false}));
      EXPECT_FALSE(single.pValue);
      EXPECT_EQ(single.difference.low, -1);
    }

    TEST(PairedDeLong, RefusesOtherPatients)
    {
      EXPECT_THROW(CompareAuroc(ScoredPatients({1, 2}, {true, false}), ScoredPatients({1, 2}, {false, true})), Error);
      EXPECT_THROW(CompareAuroc(ScoredPatients({1, 2}, {true, false}), ScoredPatients({1, 2, 3}, {true, false, true})),
                   Error);
    }

    // Equally good models that err independently: the test must not cry wolf much more often than in 1 of 20.
    TEST(PairedDeLong, HoldsItsLevel)
    {
      int alarms = 0;
      for (std::uint64_t trial = 0; trial < 400; trial++)
      {
        alarms += *CompareAuroc(Tests::SimulatePatients(1000 + 2 * trial, 60, 1, 0),
                                Tests::SimulatePatients(1001 + 2 * trial, 60, 1, 0))
                     .pValue < 0.05;
      }
      EXPECT_GT(alarms, 8);
      EXPECT_LT(alarms, 36);
    }

    TEST(DeLong, IntervalHoldsTheTruthAsOftenAsItSays)
    {
      const double truth = 0.5 * std::erfc(-1 / std::sqrt(2.0) / std::sqrt(2.0));  // two normals one deviation apart
      int held = 0;
      for (std::uint64_t trial = 0; trial < 400; trial++)
      {
        const Estimate auroc = EstimateAurocByLogit(Tests::SimulatePatients(5000 + trial, 60, 1, 0));
        held += auroc.low < truth && truth < auroc.high;
      }
      EXPECT_GT(held, 364);
    }
  }
}
