// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Training/Evaluation/AurocWithinFolds.h"
#include "Training/Evaluation/HeldOutEvaluation.h"
#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Reports/MetricTables.h"
#include "Training/Reports/MetricText.h"
#include "Training/Runs/ModelComparison.h"
#include "Training/Statistics/DecisionCurve.h"

#include <gtest/gtest.h>

#include <algorithm>

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
      EXPECT_DOUBLE_EQ(json["auroc"]["value"].asDouble(), 1.0 / 4)
        << "who was not answered ranks behind the other class";
    }

    TEST(HeldOutEvaluation, SilenceIsNoPerfectWildType)
    {
      // With 0.5 for those without an answer the ranking would be perfect, and calibrated for the altered.
      const std::vector<Evaluation::CaseOutcome> outcomes = {MakeOutcome(Network::GENOTYPE_ALTERED, 0.9, 0.8),
                                                             MakeOutcome(Network::GENOTYPE_ALTERED, 0.8, 0.8),
                                                             MakeOutcome(Network::GENOTYPE_WILD_TYPE, std::nullopt, 0),
                                                             MakeOutcome(Network::GENOTYPE_WILD_TYPE, std::nullopt, 0)};
      const Json::Value json = Evaluation::HeldOutEvaluation(outcomes).Summarise(0.5);
      EXPECT_EQ(json["auroc"]["value"].asDouble(), 0);
      EXPECT_EQ(json["calibration"]["left_out"].asInt(), 2);
      EXPECT_EQ(json["calibration"]["curve"].size(), 2U);
      EXPECT_DOUBLE_EQ(json["brier"]["value"].asDouble(), (0.01 + 0.04) / 2);

      // Nobody acts on them: the benefit is that of two hits among four patients, also at 0.01.
      const Statistics::DecisionCurve curve(
        Evaluation::ScoreForActing(outcomes, &Evaluation::CaseOutcome::probabilityAltered), {0.01, 0.5});
      EXPECT_DOUBLE_EQ(curve.GetPoints()[0].model, 0.5);
      EXPECT_DOUBLE_EQ(curve.GetPoints()[1].model, 0.5);
      EXPECT_DOUBLE_EQ(curve.GetPoints()[1].treatAll, 0);

      const Json::Value silent =
        Evaluation::HeldOutEvaluation({MakeOutcome(Network::GENOTYPE_WILD_TYPE, std::nullopt, 0)}).Summarise(0.5);
      EXPECT_TRUE(silent["brier"].isNull());
      EXPECT_TRUE(silent["ece"].isNull());
      EXPECT_EQ(silent["calibration"]["left_out"].asInt(), 1);
    }

    TEST(HeldOutEvaluation, ANetworkWithoutMasksHasNoFiguresOfMasks)
    {
      Evaluation::CaseOutcome tumour = MakeOutcome(Network::GENOTYPE_ALTERED, 0.9, 0);
      tumour.dice.reset();
      Evaluation::CaseOutcome tumourFree;
      tumourFree.hasTumour = false;
      const Json::Value json = Evaluation::HeldOutEvaluation({tumour, tumourFree}).Summarise(0.5);
      EXPECT_TRUE(json["dice"].isNull());
      EXPECT_TRUE(json["mask_agreement"]["share"].isNull());
      EXPECT_EQ(json["tumour_free"]["cases"].asInt(), 1);
      EXPECT_TRUE(json["tumour_free"]["marked"].isNull());
      EXPECT_TRUE(json["tumour_free"]["largest_marked_volume_mm3"].isNull());
      const Reports::Table errors = Reports::MakeErrorTable("errors", {tumour}, 0.95);
      ASSERT_EQ(errors.rows.size(), 1U);
      EXPECT_EQ(errors.rows[0][6], "draws no mask");
    }

    TEST(HeldOutEvaluation, CountsWhereMaskAndClassHeadDisagree)
    {
      std::vector<Evaluation::CaseOutcome> outcomes(5, MakeOutcome(Network::GENOTYPE_ALTERED, 0.9, 0.8));
      outcomes[0].agreesWithMask = true;
      outcomes[1].agreesWithMask = false;
      outcomes[2].agreesWithMask = true;
      outcomes[3].agreesWithMask = true;
      const Json::Value json = Evaluation::HeldOutEvaluation(outcomes).Summarise(0.5)["mask_agreement"];
      EXPECT_EQ(json["cases"].asInt(), 4);
      EXPECT_EQ(json["disagreeing"].asInt(), 1);
      EXPECT_DOUBLE_EQ(json["share"]["value"].asDouble(), 0.75);
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
      // Not determined comes last: precision 1, 1, 3/4 at its three steps; calibration is that of the others.
      EXPECT_DOUBLE_EQ(json["auprc"]["value"].asDouble(), (1 + 1 + 0.75) / 3);
      EXPECT_DOUBLE_EQ(json["brier"]["value"].asDouble(), (0.01 + 0.36 + 0.01) / 3);
      EXPECT_DOUBLE_EQ(json["calibration"]["ece"].asDouble(), (0.1 + 0.6 + 0.1) / 3);
      EXPECT_EQ(json["ece"]["value"], json["calibration"]["ece"]);
      EXPECT_LT(json["ece"]["low"].asDouble(), json["ece"]["high"].asDouble());
      EXPECT_EQ(json["calibration"]["left_out"].asInt(), 1);
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

    // One altered patient and two wild types; the scores of the oracle are the other way round.
    std::vector<Evaluation::CaseOutcome> MakeFold(double altered, double wildType, double otherWildType)
    {
      std::vector<Evaluation::CaseOutcome> fold = {MakeOutcome(Network::GENOTYPE_ALTERED, altered, 0.8),
                                                   MakeOutcome(Network::GENOTYPE_WILD_TYPE, wildType, 0.8),
                                                   MakeOutcome(Network::GENOTYPE_WILD_TYPE, otherWildType, 0.8)};
      for (Evaluation::CaseOutcome& outcome : fold)
      {
        outcome.oracleProbability = 1 - *outcome.probabilityAltered;
      }
      return fold;
    }

    TEST(HeldOutEvaluation, RanksWithinFoldsWhatOneNetworkScored)
    {
      // The second network's scores are all low: within its fold one pair is won and one tied.
      const std::vector<std::vector<Evaluation::CaseOutcome>> folds = {MakeFold(0.9, 0.4, 0.3),
                                                                       MakeFold(0.2, 0.1, 0.2)};
      std::vector<Evaluation::CaseOutcome> all = folds[0];
      all.insert(all.end(), folds[1].begin(), folds[1].end());
      Json::Value figures = Evaluation::HeldOutEvaluation(all).Summarise(0.5);
      Evaluation::AddAurocWithinFolds(figures, folds);
      EXPECT_DOUBLE_EQ(figures["auroc"]["value"].asDouble(), 5.5 / 8);
      EXPECT_DOUBLE_EQ(figures["auroc_within_folds"]["value"].asDouble(), 3.5 / 4);
      EXPECT_DOUBLE_EQ(figures["oracle"]["auroc_within_folds"]["value"].asDouble(), 0.5 / 4);

      const std::vector<std::string> row = Reports::MakeWithinFoldsTable("within", {{"all", figures, true}}).rows.at(0);
      EXPECT_EQ(row[0], "all");
      EXPECT_EQ(row[1].find("0.875 ("), 0U) << row[1];
      EXPECT_EQ(row[2].find("0.125 ("), 0U) << row[2];
    }

    TEST(HeldOutEvaluation, HasNoAreaWithinFoldsOfOneGenotypeEach)
    {
      const Evaluation::CaseOutcome altered = MakeOutcome(Network::GENOTYPE_ALTERED, 0.9, 0.8);
      const Evaluation::CaseOutcome wildType = MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.2, 0.8);
      Json::Value figures = Evaluation::HeldOutEvaluation({altered, wildType}).Summarise(0.5);
      Evaluation::AddAurocWithinFolds(figures, {{altered}, {wildType}});
      EXPECT_TRUE(figures["auroc"].isObject());
      EXPECT_TRUE(figures.isMember("auroc_within_folds") && figures["auroc_within_folds"].isNull());
      Json::Value alone = Evaluation::HeldOutEvaluation({altered}).Summarise(0.5);
      Evaluation::AddAurocWithinFolds(alone, {{altered}});
      EXPECT_FALSE(alone.isMember("auroc_within_folds"));
    }

    // Of the column of that name; "" where there is none.
    std::string GetCell(const Reports::Table& table, std::size_t row, const std::string& column)
    {
      const auto found = std::find(table.columns.begin(), table.columns.end(), column);
      return found == table.columns.end()
               ? ""
               : table.rows.at(row).at(static_cast<std::size_t>(found - table.columns.begin()));
    }

    bool IsBold(const Reports::Table& table, std::size_t row, const std::string& column)
    {
      const auto found = std::find(table.columns.begin(), table.columns.end(), column);
      return table.bold.contains({row, static_cast<std::size_t>(found - table.columns.begin())});
    }

    TEST(MetricTables, CalibrationIsThatOfTheAnswersByProtocolAutomatic)
    {
      const auto summarise = [](double altered, double wildType)
      {
        return Evaluation::HeldOutEvaluation({MakeOutcome(Network::GENOTYPE_ALTERED, altered, 0.8),
                                              MakeOutcome(Network::GENOTYPE_WILD_TYPE, wildType, 0.8)})
          .Summarise(0.5);
      };
      Json::Value worse = summarise(0.7, 0.4);
      const Json::Value better = summarise(0.9, 0.2);
      const Reports::Table table =
        Reports::MakeMetricTable("models", "Models", {{"worse", worse, true}, {"better", better, false}}, "automatic");
      EXPECT_EQ(GetCell(table, 0, "Brier score"), Reports::FormatEstimate(worse["brier"]));
      EXPECT_EQ(GetCell(table, 1, "Brier score"), "0.025 (0.010 to 0.040)");
      EXPECT_EQ(GetCell(table, 1, "ECE (10 bins)"), "0.150 (0.100 to 0.200)");
      EXPECT_EQ(GetCell(table, 1, "Dice (patient)"), "draws no mask");
      EXPECT_TRUE(IsBold(table, 1, "Brier score")) << "the lower one";
      EXPECT_FALSE(IsBold(table, 0, "Brier score"));
      EXPECT_FALSE(IsBold(table, 1, "ECE (10 bins)"));

      const Reports::Table oracle = Reports::MakeMetricTable("models", "Models", {{"worse", worse, true}}, "oracle");
      EXPECT_EQ(GetCell(oracle, 0, "Brier score"), "");
      EXPECT_EQ(GetCell(oracle, 0, "ECE (10 bins)"), "");
      EXPECT_EQ(GetCell(oracle, 0, "Dice (patient)"), Reports::FormatEstimate(worse["dice"]));

      worse.removeMember("ece");
      EXPECT_EQ(GetCell(Reports::MakeMetricTable("models", "Models", {{"worse", worse, true}}, "automatic"), 0,
                        "ECE (10 bins)"),
                "0.350 (no interval)")
        << "of an earlier release";
    }

    TEST(MetricTables, WhoIsSilentOnHardPatientsHasNotTheBestBrierScore)
    {
      const auto summarise = [](std::optional<double> hardAltered, std::optional<double> hardWildType)
      {
        return Evaluation::HeldOutEvaluation({MakeOutcome(Network::GENOTYPE_ALTERED, 0.9, 0.8),
                                              MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.1, 0.8),
                                              MakeOutcome(Network::GENOTYPE_ALTERED, hardAltered, 0.8),
                                              MakeOutcome(Network::GENOTYPE_WILD_TYPE, hardWildType, 0.8)})
          .Summarise(0.5);
      };
      const Json::Value silent = summarise(std::nullopt, std::nullopt);
      const Json::Value answering = summarise(0.6, 0.4);
      EXPECT_LT(silent["brier"]["value"].asDouble(), answering["brier"]["value"].asDouble());
      const Reports::Table table = Reports::MakeMetricTable(
        "models", "Models", {{"silent", silent, true}, {"answering", answering, true}}, "automatic");
      EXPECT_FALSE(IsBold(table, 0, "Brier score"));
      EXPECT_FALSE(IsBold(table, 1, "Brier score"));
      EXPECT_TRUE(IsBold(table, 1, "Accuracy")) << "silence counts as wrong there";
    }

    TEST(MetricTables, PrintTheAreaWithTheIntervalOnTheLogitScale)
    {
      Json::Value figures =
        Evaluation::HeldOutEvaluation(
          {MakeOutcome(Network::GENOTYPE_ALTERED, 0.9, 0.8), MakeOutcome(Network::GENOTYPE_ALTERED, 0.4, 0.8),
           MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.5, 0.8), MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.1, 0.8)})
          .Summarise(0.5);
      const auto getCell = [&figures](const std::string& protocol)
      {
        const Reports::Table table = Reports::MakeMetricTable("models", "Models", {{"one", figures, true}}, protocol);
        EXPECT_EQ(table.columns.at(5), "AUROC");
        EXPECT_NE(table.caption.find("logit"), std::string::npos) << table.caption;
        return table.rows.at(0).at(5);
      };
      const std::string logit = Reports::FormatEstimate(figures["auroc_logit"]);
      const std::string plain = Reports::FormatEstimate(figures["auroc"]);
      EXPECT_NE(logit, plain);
      EXPECT_EQ(getCell("automatic"), logit);
      EXPECT_TRUE(figures["oracle"]["auroc_logit"].isObject());
      EXPECT_EQ(getCell("oracle"), Reports::FormatEstimate(figures["oracle"]["auroc_logit"]));
      figures.removeMember("auroc_logit");
      EXPECT_EQ(getCell("automatic"), plain) << "of an earlier release";
    }

    TEST(ModelComparison, CountsAPThatIsNotDefinedInItsFamilyAndPrintsNone)
    {
      std::vector<Json::Value> comparisons(3, Json::Value(Json::objectValue));
      comparisons[0]["auroc"]["p"] = 0.01;
      comparisons[1]["auroc"]["p"] = Json::Value();
      comparisons[2]["auroc"]["p"] = 0.04;
      comparisons[2]["dice"]["p"] = 0.02;  // the others draw no mask
      Runs::AdjustComparisons({&comparisons[0], &comparisons[1], &comparisons[2]});
      EXPECT_DOUBLE_EQ(comparisons[0]["auroc"]["p_holm"].asDouble(), 3 * 0.01);
      EXPECT_FALSE(comparisons[1]["auroc"].isMember("p_holm"));
      EXPECT_FALSE(comparisons[1]["auroc"].isMember("p_holm_text"));
      EXPECT_DOUBLE_EQ(comparisons[2]["auroc"]["p_holm"].asDouble(), 2 * 0.04);
      EXPECT_DOUBLE_EQ(comparisons[2]["dice"]["p_holm"].asDouble(), 0.02);
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

    // Three altered slices and three wild types: of the nine pairs seven are won and one tied.
    TEST(HeldOutEvaluation, CallsSlicesByThemselvesBesideThePatients)
    {
      Evaluation::CaseOutcome large = MakeOutcome(Network::GENOTYPE_ALTERED, 0.7, 0.8);
      large.sliceProbabilities = {0.9, 0.8};
      Evaluation::CaseOutcome small = MakeOutcome(Network::GENOTYPE_ALTERED, 0.3, 0.8);
      small.sliceProbabilities = {0.3};
      Evaluation::CaseOutcome wildType = MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.2, 0.6);
      wildType.sliceProbabilities = {0.1, 0.3, 0.6};
      const Json::Value json = Evaluation::HeldOutEvaluation({large, small, wildType}).Summarise(0.5);
      const Json::Value& slices = json["oracle"]["slices"];
      EXPECT_EQ(slices["patients"].asInt(), 3);
      EXPECT_EQ(slices["slices"].asInt(), 6);
      EXPECT_DOUBLE_EQ(slices["auroc"]["value"].asDouble(), 7.5 / 9);
      EXPECT_DOUBLE_EQ(slices["sensitivity"]["value"].asDouble(), 2.0 / 3);
      EXPECT_DOUBLE_EQ(slices["specificity"]["value"].asDouble(), 2.0 / 3);
      EXPECT_DOUBLE_EQ(slices["accuracy"]["value"].asDouble(), 4.0 / 6);
      // A patient is drawn with all slices: where the large one is drawn alone all are found, the small one alone none.
      EXPECT_DOUBLE_EQ(slices["sensitivity"]["low"].asDouble(), 0);
      EXPECT_DOUBLE_EQ(slices["sensitivity"]["high"].asDouble(), 1);

      const auto row = Reports::MakeSliceTable("slices", "Slices", {{"all", json, true}, {"old", {}, true}}).rows;
      EXPECT_EQ(row.at(0).at(2), "6");
      EXPECT_EQ(row.at(1).at(2), "none");
    }

    // An evaluation that an earlier release began, which kept no slices.
    TEST(HeldOutEvaluation, HasNoFiguresOfSlicesWhereSomePatientsKeepNone)
    {
      std::vector<Evaluation::CaseOutcome> outcomes = {
        MakeOutcome(Network::GENOTYPE_ALTERED, 0.7, 0.8), MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.2, 0.6),
        MakeOutcome(Network::GENOTYPE_ALTERED, 0.7, 0.8), MakeOutcome(Network::GENOTYPE_WILD_TYPE, 0.2, 0.6)};
      for (Evaluation::CaseOutcome& outcome : outcomes)
      {
        outcome.oracleProbability = outcome.probabilityAltered;
      }
      const auto summarise = [&outcomes]
      { return Evaluation::HeldOutEvaluation(outcomes).Summarise(0.5)["oracle"]["slices"]; };
      outcomes[0].sliceProbabilities = {0.7};
      outcomes[1].sliceProbabilities = {0.2};
      EXPECT_TRUE(summarise().isNull());
      outcomes[2].sliceProbabilities = {0.6, 0.8};
      outcomes[3].oracleProbability.reset();  // none of its slices with tumour was computed
      EXPECT_EQ(summarise()["patients"].asInt(), 3);
    }

    TEST(HeldOutEvaluation, ReportsTumourFreeCasesApart)
    {
      Evaluation::CaseOutcome clean;
      clean.hasTumour = false;
      clean.markedVolumeMm3 = 0;
      Evaluation::CaseOutcome marked = clean;
      marked.markedVolumeMm3 = 700;
      const Json::Value json = Evaluation::HeldOutEvaluation({clean, marked}).Summarise(0.5);
      EXPECT_EQ(json["tumour_cases"].asInt(), 0);
      EXPECT_DOUBLE_EQ(json["tumour_free"]["marked"]["value"].asDouble(), 0.5);
      EXPECT_DOUBLE_EQ(json["tumour_free"]["largest_marked_volume_mm3"].asDouble(), 700);
      EXPECT_FALSE(json.isMember("auroc"));
    }
  }
}
