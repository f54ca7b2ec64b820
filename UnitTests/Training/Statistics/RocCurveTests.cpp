// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/DeLong.h"
#include "Training/Statistics/PatientBootstrap.h"
#include "Training/Statistics/PrecisionRecallCurve.h"
#include "Training/Statistics/RocCurve.h"
#include "UnitTests/Training/Statistics/SimulatedPatients.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace H3K27M::Statistics
{
  namespace
  {
    // One tie between the classes, at 0.5.
    const ScoredPatients TIED({0.9, 0.5, 0.5, 0.1}, {true, true, false, false});

    TEST(RocCurve, TiedPatientsEnterTogether)
    {
      const RocCurve curve(TIED);
      ASSERT_EQ(curve.GetPoints().size(), 4U);
      const double sensitivity[] = {0, 0.5, 1, 1};
      const double falsePositiveRate[] = {0, 0, 0.5, 1};
      const double threshold[] = {0.9, 0.5, 0.1, -INFINITY};
      for (std::size_t i = 0; i < 4; i++)
      {
        EXPECT_EQ(curve.GetPoints()[i].sensitivity, sensitivity[i]);
        EXPECT_EQ(curve.GetPoints()[i].falsePositiveRate, falsePositiveRate[i]);
        EXPECT_EQ(curve.GetPoints()[i].threshold, threshold[i]);
      }
      EXPECT_EQ(curve.GetArea(), 0.875);
      EXPECT_TRUE(curve.ToJson()["threshold"][3].isNull());
    }

    TEST(RocCurve, AreaIsThatOfThePairs)
    {
      for (std::uint64_t seed = 0; seed < 50; seed++)
      {
        const ScoredPatients patients = Tests::SimulatePatients(seed, 35, 1, 30);
        EXPECT_NEAR(RocCurve(patients).GetArea(), ComputeAuroc(patients), 1e-14);
      }
    }

    TEST(RocCurve, AllTiesAreTheDiagonal)
    {
      const RocCurve curve(ScoredPatients({0.3, 0.3, 0.3}, {true, false, false}));
      EXPECT_EQ(curve.GetPoints().size(), 2U);
      EXPECT_EQ(curve.GetArea(), 0.5);
    }

    TEST(RocCurve, NeedsBothClasses)
    {
      EXPECT_THROW(RocCurve(ScoredPatients({0.3}, {true})), Error);
      EXPECT_THROW(RocCurve(ScoredPatients({0.3, 0.4}, {false, false})), Error);
    }

    TEST(PrecisionRecallCurve, AveragePrecisionTakesTiesTogether)
    {
      // Precision 1 up to recall 0.5, then 2 of 3.
      EXPECT_DOUBLE_EQ(PrecisionRecallCurve(TIED).GetAveragePrecision(), 0.5 + 0.5 * 2 / 3);
      const ScoredPatients otherOrder({0.1, 0.5, 0.5, 0.9}, {false, false, true, true});
      EXPECT_EQ(PrecisionRecallCurve(otherOrder).GetAveragePrecision(),
                PrecisionRecallCurve(TIED).GetAveragePrecision());
    }

    TEST(PrecisionRecallCurve, AllTiesGiveTheShareOfPositives)
    {
      EXPECT_EQ(PrecisionRecallCurve(ScoredPatients({1, 1, 1, 1}, {true, false, false, false})).GetAveragePrecision(),
                0.25);
    }

    TEST(PrecisionRecallCurve, SeparationGivesOneAndAnIntervalOfOne)
    {
      const Estimate auprc = EstimateAuprc(ScoredPatients({0.9, 0.8, 0.2}, {true, true, false}), 1);
      EXPECT_EQ(auprc.value, 1);
      EXPECT_EQ(auprc.low, 1);
      EXPECT_EQ(auprc.high, 1);
      EXPECT_THROW(EstimateAuprc(ScoredPatients({0.9}, {true}), 1), Error);
    }

    // Sevenths that were summed made 0.9999999999999998, and a report told an interval "1.000 to 1.000".
    TEST(PrecisionRecallCurve, SeparationIsExactWhateverTheNumberOfPatients)
    {
      std::vector<double> scores;
      std::vector<bool> truth;
      for (std::size_t positives = 1; positives <= 60; positives++)
      {
        scores.assign(1, 0);
        truth.assign(1, false);
        for (std::size_t i = 1; i <= positives; i++)
        {
          scores.push_back(static_cast<double>(i));
          truth.push_back(true);
        }
        EXPECT_EQ(PrecisionRecallCurve(ScoredPatients(scores, truth)).GetAveragePrecision(), 1) << positives;
      }
    }

    TEST(PrecisionRecallCurve, IntervalIsSeededAndHoldsTheValue)
    {
      const ScoredPatients patients = Tests::SimulatePatients(1, 40, 1, 0);
      const Estimate auprc = EstimateAuprc(patients, 5);
      EXPECT_LT(auprc.low, auprc.value);
      EXPECT_GT(auprc.high, auprc.value);
      EXPECT_EQ(auprc.low, EstimateAuprc(patients, 5).low);
      EXPECT_NE(auprc.low, EstimateAuprc(patients, 6).low);
    }

    TEST(PrecisionRecallCurve, IntervalIsThatOfTheCurvesOfTheSamples)
    {
      for (const int steps : {0, 20})
      {
        const ScoredPatients patients = Tests::SimulatePatients(7, 40, 1, steps);
        const auto measure = [](const ScoredPatients& drawn)
        { return PrecisionRecallCurve(drawn).GetAveragePrecision(); };
        const Estimate expected = PatientBootstrap::WithinClasses(patients, 3)
                                    .EstimateInterval(measure(patients), [&](const std::vector<std::size_t>& sample)
        { return measure(patients.Select(sample)); });
        const Estimate found = EstimateAuprc(patients, 3);
        EXPECT_EQ(found.value, expected.value);
        EXPECT_EQ(found.low, expected.low);
        EXPECT_EQ(found.high, expected.high);
      }
    }
  }
}
