// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/DecisionCurve.h"
#include "Training/Statistics/DiscordantPairs.h"
#include "Training/Statistics/NonInferiorityTest.h"
#include "Training/Statistics/OperatingPoint.h"
#include "UnitTests/Training/Statistics/SimulatedPatients.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace H3K27M::Statistics
{
  namespace
  {
    TEST(DecisionCurve, EqualsTheComputationByHand)
    {
      const DecisionCurve curve(ScoredPatients({0.9, 0.6, 0.4, 0.1}, {true, false, true, false}), {0.2, 0.5});
      EXPECT_DOUBLE_EQ(curve.GetPoints()[0].model, 0.5 - 0.25 * 0.25);
      EXPECT_DOUBLE_EQ(curve.GetPoints()[0].treatAll, 0.5 - 0.5 * 0.25);
      EXPECT_DOUBLE_EQ(curve.GetPoints()[1].model, 0);
      EXPECT_DOUBLE_EQ(curve.GetPoints()[1].treatAll, 0);
      EXPECT_EQ(curve.ToJson()["treat_none"].asInt(), 0);
    }

    TEST(DecisionCurve, AtZeroEveryoneAboveIsWorthTreating)
    {
      const DecisionCurve curve(ScoredPatients({0.9, 0.1, 0.2}, {true, false, false}), {0});
      EXPECT_DOUBLE_EQ(curve.GetPoints()[0].model, 1.0 / 3);
      EXPECT_EQ(DecisionCurve::GetDefaultThresholds().size(), 99U);
    }

    TEST(DecisionCurve, RefusesThresholdsThatAreNone)
    {
      const ScoredPatients patients({0.9}, {true});
      EXPECT_THROW(DecisionCurve(patients, {1}), Error);
      EXPECT_THROW(DecisionCurve(patients, {-0.1}), Error);
      EXPECT_THROW(DecisionCurve(ScoredPatients({2}, {true}), {0.5}), Error);
    }

    TEST(OperatingPoint, IsTheHighestThresholdThatFindsEnough)
    {
      const ScoredPatients training({0.9, 0.8, 0.7, 0.6, 0.5, 0.65, 0.3}, {true, true, true, true, true, false, false});
      EXPECT_DOUBLE_EQ(OperatingPoint::AtSensitivity(training, 0.6).threshold, 0.675);
      EXPECT_DOUBLE_EQ(OperatingPoint::AtSensitivity(training, 0.8).threshold, 0.55);
      EXPECT_DOUBLE_EQ(OperatingPoint::AtSensitivity(training, 0.81).threshold, 0.4);
      EXPECT_DOUBLE_EQ(OperatingPoint::AtSensitivity(training, 1).threshold, 0.4);
      EXPECT_EQ(OperatingPoint::AtSensitivity(training, 0.8).rule, "sensitivity of at least 0.8 in the training folds");
    }

    TEST(OperatingPoint, HoldsItsPromiseOnTheTrainingFolds)
    {
      for (std::uint64_t seed = 0; seed < 50; seed++)
      {
        const ScoredPatients training = Tests::SimulatePatients(seed, 41, 1, 25);
        const double threshold = OperatingPoint::AtSensitivity(training, 0.9).threshold;
        std::size_t hits = 0;
        for (const double score : training.GetScoresOf(true))
        {
          hits += score > threshold ? 1 : 0;
        }
        EXPECT_GE(static_cast<double>(hits) / static_cast<double>(training.GetPositives()), 0.9);
      }
    }

    TEST(OperatingPoint, WithoutALowerScoreItIsHalfWayToZero)
    {
      EXPECT_DOUBLE_EQ(OperatingPoint::AtSensitivity(ScoredPatients({0.4, 0.4}, {true, false}), 1).threshold, 0.2);
      EXPECT_THROW(OperatingPoint::AtSensitivity(ScoredPatients({0, 0.4}, {true, false}), 1), Error);
      EXPECT_THROW(OperatingPoint::AtSensitivity(ScoredPatients({0.4}, {true}), 0.9), Error);
      EXPECT_THROW(OperatingPoint::AtSensitivity(ScoredPatients({0.4, 0.1}, {true, false}), 0), Error);
    }

    TEST(OperatingPoint, FixedIsTheDefault)
    {
      EXPECT_EQ(OperatingPoint::Fixed(0.5).threshold, OperatingPoint().threshold);
      EXPECT_THROW(OperatingPoint::Fixed(1), Error);
    }

    TEST(NonInferiorityTest, PassesABetterOneAndOneThatHardlyDiffers)
    {
      const ScoredPatients reference = Tests::SimulatePatients(1, 200, 1, 0);
      std::vector<double> scores = reference.GetScores();
      std::rotate(scores.begin(), scores.begin() + 2, scores.begin() + 8);
      const NonInferiorityTest alike = NonInferiorityTest::Run({scores, reference.GetTruth()}, reference, 0.05);
      EXPECT_TRUE(alike.isJudged);
      EXPECT_TRUE(alike.isPassed) << alike.reason;
      const ScoredPatients better = Tests::SimulatePatients(2, 200, 2, 0);
      EXPECT_TRUE(NonInferiorityTest::Run(better, reference, 0.05).isPassed);
    }

    TEST(NonInferiorityTest, JudgesNothingWithoutAVariance)
    {
      std::vector<bool> truth(20, false);
      std::fill_n(truth.begin(), 10, true);
      std::vector<double> scores(20, 0.1);
      std::fill_n(scores.begin(), 10, 0.9);
      const ScoredPatients separated(scores, truth);
      const NonInferiorityTest test = NonInferiorityTest::Run(separated, separated, 0.05);
      EXPECT_FALSE(test.isJudged);
      EXPECT_FALSE(test.isPassed) << "ten patients of each genotype that are told apart prove nothing";
      EXPECT_EQ(test.reason.find("not judged: "), 0U) << test.reason;
      EXPECT_FALSE(test.ToJson()["passed"].asBool());
    }

    // Altered and wild type in turn, each pair above the one before; in the first `swapped` pairs the wild type leads.
    ScoredPatients MakeLadder(std::size_t pairs, std::size_t swapped)
    {
      std::vector<double> scores;
      std::vector<bool> truth;
      for (std::size_t i = 0; i < pairs; i++)
      {
        const auto step = static_cast<double>(2 * i);
        scores.push_back(step + (i < swapped ? 0 : 1));
        scores.push_back(step + (i < swapped ? 1 : 0));
        truth.push_back(true);
        truth.push_back(false);
      }
      return {std::move(scores), std::move(truth)};
    }

    TEST(DiscordantPairs, CountsPatientsAndNotThePairsThatOneOfThemMakes)
    {
      EXPECT_EQ(CountDiscordantPairs(MakeLadder(9, 0), MakeLadder(9, 0), 6), 0U);
      EXPECT_EQ(CountDiscordantPairs(MakeLadder(9, 4), MakeLadder(9, 0), 6), 4U);
      EXPECT_EQ(CountDiscordantPairs(MakeLadder(9, 8), MakeLadder(9, 0), 6), 6U) << "it stops at what is enough";

      // The highest altered patient falls behind all nine wild types.
      std::vector<double> scores = MakeLadder(9, 0).GetScores();
      scores[16] = -1;
      EXPECT_EQ(CountDiscordantPairs({scores, MakeLadder(9, 0).GetTruth()}, MakeLadder(9, 0), 6), 1U);

      // A tie is another ranking; the first altered patient leaves its partner to the second one, who has no other.
      const std::vector<bool> truth = {true, true, false, false};
      EXPECT_EQ(CountDiscordantPairs(ScoredPatients({3, 3, 3, 4}, truth), ScoredPatients({3, 4, 2, 1}, truth), 6), 2U);
      EXPECT_EQ(CountDiscordantPairs(ScoredPatients({1, 5, 3, 2}, truth), ScoredPatients({4, 2.5, 3, 2}, truth), 6),
                2U);
      EXPECT_THROW(CountDiscordantPairs(MakeLadder(2, 0), MakeLadder(3, 0), 6), Error);
    }

    // Once two neighbours who were swapped let a candidate pass that equal models did not.
    TEST(NonInferiorityTest, JudgesNothingThatRestsOnFewerThanSixPatients)
    {
      for (const std::size_t pairs : {17U, 40U})
      {
        const NonInferiorityTest few = NonInferiorityTest::Run(MakeLadder(pairs, 5), MakeLadder(pairs, 0), 0.05);
        EXPECT_TRUE(few.comparison.statistic);
        EXPECT_GT(few.comparison.difference.low, -0.05) << "the interval alone would let it pass";
        EXPECT_FALSE(few.isJudged);
        EXPECT_FALSE(few.isPassed);
        EXPECT_EQ(few.reason.find("not judged: "), 0U) << few.reason;
        EXPECT_NE(few.reason.find("no more than 5 pairs"), std::string::npos) << few.reason;
        const NonInferiorityTest enough = NonInferiorityTest::Run(MakeLadder(pairs, 6), MakeLadder(pairs, 0), 0.05);
        EXPECT_TRUE(enough.isJudged);
        EXPECT_TRUE(enough.isPassed) << enough.reason;
      }
    }

    TEST(NonInferiorityTest, StopsAWorseOneAndOneOnTooFewPatients)
    {
      EXPECT_FALSE(
        NonInferiorityTest::Run(Tests::SimulatePatients(1, 200, 0.5, 0), Tests::SimulatePatients(2, 200, 2, 0), 0.05)
          .isPassed);
      const NonInferiorityTest few =
        NonInferiorityTest::Run(Tests::SimulatePatients(3, 12, 1, 0), Tests::SimulatePatients(4, 12, 1, 0), 0.05);
      EXPECT_FALSE(few.isPassed);
      EXPECT_NE(few.reason.find("the margin is 0.0500"), std::string::npos) << few.reason;
      EXPECT_FALSE(
        NonInferiorityTest::Run(ScoredPatients({1, 0}, {true, false}), ScoredPatients({1, 0}, {true, false}), 0.05)
          .isPassed);
    }

    TEST(NonInferiorityTest, TheMarginItselfIsTooMuch)
    {
      const ScoredPatients candidate = Tests::SimulatePatients(2, 60, 1, 0);
      const ScoredPatients reference = Tests::SimulatePatients(1, 60, 1, 0);
      const double margin = -NonInferiorityTest::Run(candidate, reference, 0.05).comparison.difference.low;
      ASSERT_GT(margin, 0);
      EXPECT_FALSE(NonInferiorityTest::Run(candidate, reference, margin).isPassed);
      EXPECT_TRUE(NonInferiorityTest::Run(candidate, reference, std::nextafter(margin, 1)).isPassed);
      EXPECT_THROW(NonInferiorityTest::Run(reference, reference, 0), Error);
    }
  }
}
