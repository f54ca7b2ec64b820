// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/ChiSquaredTest.h"
#include "Training/Statistics/FisherTest.h"
#include "Training/Statistics/HolmCorrection.h"
#include "Training/Statistics/McNemarTest.h"
#include "Training/Statistics/PValue.h"
#include "Training/Statistics/WelchTest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace H3K27M::Statistics
{
  namespace
  {
    constexpr double NOT_A_NUMBER = std::numeric_limits<double>::quiet_NaN();

    TEST(PValue, NeverPrintsZero)
    {
      EXPECT_EQ(FormatPValue(0), "< 0.001");
      EXPECT_EQ(FormatPValue(0.00099), "< 0.001");
      EXPECT_EQ(FormatPValue(0.001), "0.001");
      EXPECT_EQ(FormatPValue(0.0434), "0.043");
      EXPECT_EQ(FormatPValue(1), "1.000");
      EXPECT_THROW(FormatPValue(1.1), Error);
      EXPECT_THROW(FormatPValue(NOT_A_NUMBER), Error);
    }

    TEST(McNemarTest, EqualsThePublishedExample)
    {
      // Fagerland, Lydersen and Laake (2013), table 1: 1 and 7 discordant pairs, exact 0.0703, mid-p 0.0391.
      const McNemarTest test = McNemarTest::FromCounts(1, 7);
      EXPECT_NEAR(test.exactP, 18.0 / 256, 1e-15);
      EXPECT_NEAR(test.midP, 10.0 / 256, 1e-15);
      EXPECT_EQ(McNemarTest::FromCounts(7, 1).midP, test.midP);
    }

    TEST(McNemarTest, EqualNumbersAreNoDifference)
    {
      EXPECT_EQ(McNemarTest::FromCounts(0, 0).midP, 1);
      EXPECT_EQ(McNemarTest::FromCounts(0, 0).exactP, 1);
      EXPECT_EQ(McNemarTest::FromCounts(2, 2).exactP, 1);
      EXPECT_NEAR(McNemarTest::FromCounts(2, 2).midP, 1 - 6.0 / 16 / 2, 1e-15);
    }

    TEST(McNemarTest, CountsPatientsWhomOneModelGetsRight)
    {
      const McNemarTest test = McNemarTest::Run({true, true, true, false, false}, {true, false, false, true, false});
      EXPECT_EQ(test.onlyFirstIsRight, 2U);
      EXPECT_EQ(test.onlySecondIsRight, 1U);
      EXPECT_THROW(McNemarTest::Run({true}, {}), Error);
      EXPECT_THROW(McNemarTest::Run({}, {}), Error);
    }

    TEST(HolmCorrection, StepsDownInTheOrderGiven)
    {
      const std::vector<double> adjusted = AdjustByHolm({0.01, 0.04, 0.03, 0.005});
      EXPECT_DOUBLE_EQ(adjusted[0], 0.03);
      EXPECT_DOUBLE_EQ(adjusted[1], 0.06);  // 0.04 alone, but not less than the one before it
      EXPECT_DOUBLE_EQ(adjusted[2], 0.06);
      EXPECT_DOUBLE_EQ(adjusted[3], 0.02);
      EXPECT_EQ(AdjustByHolm({0.7, 0.8}), (std::vector<double>{1, 1}));
      EXPECT_EQ(AdjustByHolm({0.2}), (std::vector<double>{0.2}));
      EXPECT_TRUE(AdjustByHolm({}).empty());
      EXPECT_THROW(AdjustByHolm({0.1, NOT_A_NUMBER}), Error);
    }

    TEST(WelchTest, EqualsTheComputationByHand)
    {
      // Means 2.5 and 5, squared errors 5/12 and 20/12.
      const WelchTest test = WelchTest::Run({1, 2, 3, 4}, {2, 4, 6, 8});
      EXPECT_EQ(test.comparison.difference.value, -2.5);
      EXPECT_NEAR(*test.comparison.statistic, -std::sqrt(3.0), 1e-14);
      EXPECT_NEAR(*test.degreesOfFreedom, 75.0 / 17, 1e-13);
      EXPECT_GT(test.comparison.difference.high, 0);
      EXPECT_GT(*test.comparison.pValue, 0.05);
    }

    TEST(WelchTest, WithoutVarianceThereIsAPOnlyForEquals)
    {
      EXPECT_EQ(*WelchTest::Run({0.1, 0.1, 0.1}, {0.1, 0.1}).comparison.pValue, 1);
      EXPECT_FALSE(WelchTest::Run({1, 1}, {2, 2}).comparison.pValue);
      EXPECT_FALSE(WelchTest::Run({1}, {2, 3}).comparison.pValue);
      EXPECT_TRUE(WelchTest::Run({1}, {2, 3}).ToJson()["degrees_of_freedom"].isNull());
      EXPECT_TRUE(WelchTest::Run({1, 1}, {2, 3}).comparison.pValue);  // one group that varies is enough
      EXPECT_THROW(WelchTest::Run({}, {1}), Error);
      EXPECT_THROW(WelchTest::Run({NOT_A_NUMBER}, {1}), Error);
    }

    TEST(FisherTest, TheLadyTastingTea)
    {
      const FisherTest test = FisherTest::Run({{{3, 1}, {1, 3}}});
      EXPECT_NEAR(test.pValue, 34.0 / 70, 1e-14);
      EXPECT_EQ(*test.oddsRatio, 9);
      const FisherTest all = FisherTest::Run({{{4, 0}, {0, 4}}});
      EXPECT_NEAR(all.pValue, 2.0 / 70, 1e-14);
      EXPECT_FALSE(all.oddsRatio);
    }

    TEST(FisherTest, AnEmptyMarginLeavesOneTable)
    {
      EXPECT_EQ(FisherTest::Run({{{0, 0}, {3, 5}}}).pValue, 1);
      EXPECT_EQ(FisherTest::Run({{{0, 4}, {0, 5}}}).pValue, 1);
      EXPECT_EQ(FisherTest::Run({{{0, 0}, {0, 0}}}).pValue, 1);
    }

    TEST(ChiSquaredTest, EqualsTheComputationByHand)
    {
      // Expected 12, 18, 28, 42, each off by 2.
      const ChiSquaredTest test = ChiSquaredTest::Run({{10, 20}, {30, 40}});
      EXPECT_NEAR(test.statistic, 4.0 / 12 + 4.0 / 18 + 4.0 / 28 + 4.0 / 42, 1e-14);
      EXPECT_EQ(test.degreesOfFreedom, 1U);
      EXPECT_EQ(test.smallestExpected, 12);
      EXPECT_NEAR(*test.pValue, std::erfc(std::sqrt(test.statistic / 2)), 1e-14);
    }

    TEST(ChiSquaredTest, EmptyRowsAndColumnsAreLeftOut)
    {
      const ChiSquaredTest full = ChiSquaredTest::Run({{10, 20, 5}, {30, 40, 6}});
      const ChiSquaredTest gaps = ChiSquaredTest::Run({{10, 20, 0, 5}, {0, 0, 0, 0}, {30, 40, 0, 6}});
      EXPECT_EQ(gaps.degreesOfFreedom, 2U);
      EXPECT_EQ(*gaps.pValue, *full.pValue);
      EXPECT_FALSE(ChiSquaredTest::Run({{3, 4}, {0, 0}}).pValue);
      EXPECT_THROW(ChiSquaredTest::Run({{0, 0}}), Error);
      EXPECT_THROW(ChiSquaredTest::Run({{1, 0}, {1}}), Error);
      EXPECT_THROW(ChiSquaredTest::Run({}), Error);
    }
  }
}
