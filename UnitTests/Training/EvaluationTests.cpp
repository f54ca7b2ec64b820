// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Training/Evaluation/HeldOutEvaluation.h"

#include <gtest/gtest.h>

namespace H3K27M
{
  namespace
  {
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

    TEST(HeldOutEvaluation, ReportsDecisionsAndCalibration)
    {
      const Json::Value json = Evaluation::HeldOutEvaluation({MakeOutcome(Network::GENOTYPE_ALTERED, 0.9, 0.8),
                                                              MakeOutcome(Network::GENOTYPE_ALTERED, 0.4, 0.7),
                                                              MakeOutcome(Network::GENOTYPE_ALTERED, std::nullopt, 0.0),
                                                              MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.1, 0.6)})
                                 .Summarise(0.5);
      EXPECT_EQ(json["threshold"].asDouble(), 0.5);
      EXPECT_EQ(json["confusion"]["true_positives"].asInt(), 1);
      EXPECT_EQ(json["confusion"]["unanswered_positives"].asInt(), 1);
      EXPECT_DOUBLE_EQ(json["accuracy"]["value"].asDouble(), 0.5);
      EXPECT_DOUBLE_EQ(json["ppv"]["value"].asDouble(), 1);
      EXPECT_DOUBLE_EQ(json["npv"]["value"].asDouble(), 0.5);
      EXPECT_DOUBLE_EQ(json["f1"]["value"].asDouble(), 0.5);
      EXPECT_DOUBLE_EQ(json["auprc"]["value"].asDouble(), 1);
      // Not determined stands at 0.5: (0.01 + 0.36 + 0.25 + 0.01) / 4.
      EXPECT_DOUBLE_EQ(json["brier"]["value"].asDouble(), 0.1575);
      EXPECT_DOUBLE_EQ(json["calibration"]["ece"].asDouble(), (0.1 + 0.6 + 0.5 + 0.1) / 4);
      EXPECT_EQ(json["calibration"]["binning"].asString(), "equal width");
      EXPECT_FALSE(json.isMember("dice_authors"));  // no slice with tumour was told
    }

    TEST(HeldOutEvaluation, OneGenotypeAloneHasNoCurve)
    {
      const Json::Value json =
        Evaluation::HeldOutEvaluation({MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.2, 0.6)}).Summarise(0.5);
      EXPECT_FALSE(json.isMember("auroc"));
      EXPECT_FALSE(json.isMember("sensitivity"));
      EXPECT_DOUBLE_EQ(json["accuracy"]["value"].asDouble(), 1);
      EXPECT_TRUE(json["ppv"].isNull());
    }

    TEST(HeldOutEvaluation, NamesTheAuthorsDiceSo)
    {
      Evaluation::CaseOutcome large = MakeOutcome(Network::GENOTYPE_ALTERED, 0.9, 0.8);
      large.sliceDice = {0.5, 0.6, 0.7};
      Evaluation::CaseOutcome small = MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.2, 0.6);
      small.sliceDice = {1.0};
      const Json::Value json = Evaluation::HeldOutEvaluation({large, small}).Summarise(0.5);
      EXPECT_DOUBLE_EQ(json["dice"]["value"].asDouble(), 0.7);
      EXPECT_DOUBLE_EQ(json["dice_authors"]["value"].asDouble(), 0.7);  // (0.5 + 0.6 + 0.7 + 1) / 4
      EXPECT_DOUBLE_EQ(json["dice_authors"]["high"].asDouble(), 1);     // a patient comes with all slices
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
