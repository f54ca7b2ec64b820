// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/DeLong.h"
#include "Training/Statistics/PatientBootstrap.h"
#include "UnitTests/Training/Statistics/SimulatedPatients.h"

#include <gtest/gtest.h>

#include <limits>

namespace H3K27M::Statistics
{
  namespace
  {
    TEST(PatientBootstrap, IsSeededAndHoldsTheMean)
    {
      const std::vector<double> values = {0.7, 0.8, 0.9, 0.85, 0.95, 0.6};
      const Estimate first = EstimateMean(values, 1);
      EXPECT_NEAR(first.value, 0.8, 1e-12);
      EXPECT_LT(first.low, 0.8);
      EXPECT_GT(first.high, 0.8);
      EXPECT_GE(first.low, 0.6);
      EXPECT_EQ(first.low, EstimateMean(values, 1).low);
    }

    TEST(PatientBootstrap, WhatDoesNotVaryHasNoWidth)
    {
      const Estimate constant = EstimateMean({0.5, 0.5}, 1);
      EXPECT_EQ(constant.low, 0.5);
      EXPECT_EQ(constant.high, 0.5);
      EXPECT_NE(constant.method.find("no interval"), std::string::npos) << constant.method;
      EXPECT_EQ(EstimateMean({0.25}, 1).high, 0.25);
      EXPECT_THROW(EstimateMean({}, 1), Error);
      EXPECT_THROW(EstimateMean({std::numeric_limits<double>::quiet_NaN()}, 1), Error);
    }

    TEST(PatientBootstrap, SeveralStatisticsOfOnePassHaveTheIntervalsOfEachAlone)
    {
      const std::vector<double> values = {0.7, 0.8, 0.9, 0.85, 0.95, 0.6};
      const auto getFirst = [&values](const std::vector<std::size_t>& sample) { return values[sample.front()]; };
      const auto getLast = [&values](const std::vector<std::size_t>& sample) { return values[sample.back()]; };
      const PatientBootstrap bootstrap = PatientBootstrap::FromAll(values.size(), 1);
      const std::vector<Estimate> both =
        bootstrap.EstimateIntervals({0.7, 0.6}, [&](const std::vector<std::size_t>& sample) -> std::vector<double>
      { return {getFirst(sample), getLast(sample)}; });
      ASSERT_EQ(both.size(), 2U);
      EXPECT_EQ(both[0].value, 0.7);
      EXPECT_EQ(both[0].low, bootstrap.EstimateInterval(0.7, getFirst).low);
      EXPECT_EQ(both[1].high, bootstrap.EstimateInterval(0.6, getLast).high);
      EXPECT_THROW(bootstrap.EstimateIntervals({0.7, 0.6}, [](const auto&) { return std::vector<double>(1); }), Error);
    }

    TEST(PatientBootstrap, EverySampleKeepsTheClasses)
    {
      const ScoredPatients patients({0.1, 0.2, 0.3, 0.4, 0.5}, {true, false, false, false, false});
      PatientBootstrap::WithinClasses(patients, 1)
        .EstimateInterval(0, [&](const std::vector<std::size_t>& sample)
      {
        EXPECT_EQ(sample.size(), 5U);
        EXPECT_EQ(patients.Select(sample).GetPositives(), 1U);
        return 0.0;
      });
    }

    TEST(PatientBootstrap, EverySampleKeepsTheClassesOfEachGroup)
    {
      const ScoredPatients patients({0.1, 0.2, 0.3, 0.4, 0.5}, {true, false, true, false, true});
      const std::vector<std::size_t> groups = {0, 0, 1, 1, 1};
      const Estimate estimate = PatientBootstrap::WithinGroups(patients, groups, 1)
                                  .EstimateInterval(0, [&](const auto& sample)
      {
        EXPECT_EQ(sample.size(), 5U);
        std::size_t ofFirst = 0;
        std::size_t positivesOfSecond = 0;
        for (const std::size_t patient : sample)
        {
          ofFirst += groups[patient] == 0 ? 1U : 0U;
          positivesOfSecond += groups[patient] == 1 && patients.GetTruth()[patient] ? 1U : 0U;
        }
        EXPECT_EQ(ofFirst, 2U);
        EXPECT_EQ(positivesOfSecond, 2U);
        return 0.0;
      });
      EXPECT_EQ(estimate.method.find("patient bootstrap within each group and class, 2000 samples"), 0U);
      EXPECT_THROW(PatientBootstrap::WithinGroups(patients, {0, 1}, 1), Error);
    }

    TEST(PatientBootstrap, APatientIsDrawnWithAllOfItsSlices)
    {
      // Ten slices at 0, one at 1: the mean of slices is 1/11, and a sample holds the one patient or the other.
      const Estimate mean = EstimateMeanOfItems({std::vector<double>(10, 0.0), {1}}, 1);
      EXPECT_DOUBLE_EQ(mean.value, 1.0 / 11);
      EXPECT_EQ(mean.low, 0);
      EXPECT_EQ(mean.high, 1);
      EXPECT_THROW(EstimateMeanOfItems({{1}, {}}, 1), Error);
      EXPECT_THROW(EstimateMeanOfItems({}, 1), Error);
    }

    TEST(PairedBootstrap, FindsADifferenceThatAllPatientsShow)
    {
      const Comparison comparison = CompareMeans({0.9, 0.8, 0.85, 0.7, 0.95}, {0.7, 0.65, 0.6, 0.6, 0.7}, 1);
      EXPECT_NEAR(comparison.difference.value, 0.19, 1e-12);
      EXPECT_GT(comparison.difference.low, 0);
      EXPECT_NEAR(*comparison.pValue, 2.0 / 2001, 1e-12);  // no sample on the other side
      EXPECT_EQ(comparison.difference.method.rfind("paired patient bootstrap", 0), 0U);
    }

    // One patient proves nothing, whatever the size of the difference.
    TEST(PairedBootstrap, HasNoPWhereNothingVaries)
    {
      EXPECT_FALSE(CompareMeans({0.9}, {0.2}, 1).pValue);
      EXPECT_FALSE(CompareMeans({0.75, 0.5}, {0.5, 0.25}, 1).pValue);
      EXPECT_EQ(CompareMeans({0.9}, {0.9}, 1).pValue, 1);
    }

    TEST(PairedBootstrap, EqualModelsDoNotDiffer)
    {
      const ScoredPatients patients = Tests::SimulatePatients(1, 30, 1, 0);
      const Comparison comparison = CompareMeasure(patients, patients, ComputeAuroc, 1);
      EXPECT_EQ(comparison.difference.low, 0);
      EXPECT_EQ(comparison.difference.high, 0);
      EXPECT_EQ(*comparison.pValue, 1);
    }

    TEST(PairedBootstrap, AgreesWithDeLongWhereBothHold)
    {
      const ScoredPatients first = Tests::SimulatePatients(11, 200, 1.5, 0);
      const ScoredPatients second = Tests::SimulatePatients(12, 200, 1, 0);
      const Comparison bootstrap = CompareMeasure(first, second, ComputeAuroc, 1);
      const Comparison deLong = CompareAuroc(first, second);
      EXPECT_NEAR(bootstrap.difference.value, deLong.difference.value, 1e-14);
      EXPECT_NEAR(bootstrap.difference.low, deLong.difference.low, 0.01);
      EXPECT_NEAR(bootstrap.difference.high, deLong.difference.high, 0.01);
    }

    TEST(PairedBootstrap, RefusesOtherPatients)
    {
      EXPECT_THROW(CompareMeans({1, 2}, {1}, 1), Error);
      EXPECT_THROW(CompareMeasure(ScoredPatients({1}, {true}), ScoredPatients({1}, {false}), ComputeAuroc, 1), Error);
    }
  }
}
