// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Protocol/Error.h"
#include "Training/Evaluation/HeldOutEvaluation.h"
#include "Training/Evaluation/Intervals.h"

#include <gtest/gtest.h>

#include <cmath>

namespace H3K27M
{
  namespace
  {
    TEST(Intervals, AurocCountsPairsAndHalvesTies)
    {
      // Pairs: (.9,.5) win, (.9,.1) win, (.5,.5) tie, (.5,.1) win: 3.5 of 4.
      const auto auroc = Evaluation::EstimateAuroc({0.9, 0.5}, {0.5, 0.1});
      EXPECT_DOUBLE_EQ(auroc.value, 0.875);
      // Placements 1, 0.75 and 0.25, 0 ... variances 0.03125 each: deviation sqrt(2 * 0.03125 / 2).
      EXPECT_NEAR(auroc.low, 0.875 - 1.959963984540054 * std::sqrt(0.03125), 1e-12);
      EXPECT_EQ(auroc.high, 1);
      EXPECT_EQ(auroc.method, "DeLong");
    }

    TEST(Intervals, CompleteSeparationSaysThatItHasNoVariance)
    {
      const auto auroc = Evaluation::EstimateAuroc({0.9, 0.8}, {0.2, 0.1});
      EXPECT_EQ(auroc.value, 1);
      EXPECT_NE(auroc.method, "DeLong");
      EXPECT_THROW(Evaluation::EstimateAuroc({}, {0.1}), Error);
    }

    TEST(Intervals, WilsonEqualsTheTextbook)
    {
      const auto half = Evaluation::EstimateProportion(5, 10);
      EXPECT_NEAR(half.low, 0.2366, 1e-4);
      EXPECT_NEAR(half.high, 0.7634, 1e-4);
      const auto none = Evaluation::EstimateProportion(0, 10);
      EXPECT_EQ(none.low, 0);
      EXPECT_NEAR(none.high, 0.2775, 1e-4);
      EXPECT_EQ(Evaluation::EstimateProportion(10, 10).high, 1);
      EXPECT_THROW(Evaluation::EstimateProportion(0, 0), Error);
    }

    TEST(Intervals, BootstrapIsSeededAndHoldsTheMean)
    {
      const std::vector<double> values = {0.7, 0.8, 0.9, 0.85, 0.95, 0.6};
      const auto first = Evaluation::EstimateMean(values, 1);
      EXPECT_NEAR(first.value, 0.8, 1e-12);
      EXPECT_LT(first.low, 0.8);
      EXPECT_GT(first.high, 0.8);
      EXPECT_GE(first.low, 0.6);
      EXPECT_EQ(first.low, Evaluation::EstimateMean(values, 1).low);
      const auto constant = Evaluation::EstimateMean({0.5, 0.5}, 1);
      EXPECT_EQ(constant.low, 0.5);
      EXPECT_EQ(constant.high, 0.5);
    }

    Evaluation::CaseOutcome MakeOutcome(std::int64_t genotype, std::optional<double> probability, double dice)
    {
      Evaluation::CaseOutcome outcome;
      outcome.genotype = genotype;
      outcome.probabilityAltered = probability;
      outcome.dice = dice;
      return outcome;
    }

    TEST(HeldOutEvaluation, CountsWhatWasNotDeterminedAsWrong)
    {
      const Evaluation::HeldOutEvaluation evaluation({MakeOutcome(Network::GENOTYPE_ALTERED, 0.9, 0.8),
                                                      MakeOutcome(Network::GENOTYPE_ALTERED, std::nullopt, 0.0),
                                                      MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.2, 0.6),
                                                      MakeOutcome(Network::GENOTYPE_WILD_TYPE, std::nullopt, 0.0)});
      const Json::Value json = evaluation.Summarise(0.5);
      EXPECT_EQ(json["not_determined"].asInt(), 2);
      EXPECT_DOUBLE_EQ(json["sensitivity"]["value"].asDouble(), 0.5);
      EXPECT_DOUBLE_EQ(json["specificity"]["value"].asDouble(), 0.5);
      EXPECT_DOUBLE_EQ(json["dice"]["value"].asDouble(), 0.35);
      EXPECT_DOUBLE_EQ(json["auroc"]["value"].asDouble(), 3.5 / 4);
    }

    TEST(HeldOutEvaluation, ReportsTumourFreeCasesApart)
    {
      Evaluation::CaseOutcome clean;
      clean.hasTumour = false;
      Evaluation::CaseOutcome marked = clean;
      marked.predictedVolumeMm3 = 700;
      const Json::Value json = Evaluation::HeldOutEvaluation({clean, marked}).Summarise(0.5);
      EXPECT_EQ(json["tumour_cases"].asInt(), 0);
      EXPECT_DOUBLE_EQ(json["tumour_free"]["marked"]["value"].asDouble(), 0.5);
      EXPECT_DOUBLE_EQ(json["tumour_free"]["largest_marked_volume_mm3"].asDouble(), 700);
      EXPECT_FALSE(json.isMember("auroc"));
    }
  }
}
