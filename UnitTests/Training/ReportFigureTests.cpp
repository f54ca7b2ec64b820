// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Training/Reports/LossFigure.h"
#include "Training/Reports/OutcomeFigures.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <iterator>
#include <vector>

namespace H3K27M::Reports
{
  namespace
  {
    using testing::AllOf;
    using testing::HasSubstr;
    using testing::Not;

    std::string Draw(const Figure& figure)
    {
      const Testing::TemporaryFolder folder;
      figure.Draw(folder.GetPath());
      std::ifstream stream(folder.GetPath() / (figure.GetName() + ".gp"), std::ios::binary);
      return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }

    // Altered, wild type, altered, wild type, from the highest probability downwards.
    NamedOutcomes MakeFour()
    {
      NamedOutcomes set;
      set.name = "four";
      for (const double probability : {0.9, 0.8, 0.7, 0.6})
      {
        Evaluation::CaseOutcome outcome;
        outcome.genotype = set.outcomes.size() % 2 == 0 ? Network::GENOTYPE_ALTERED : Network::GENOTYPE_WILD_TYPE;
        outcome.probabilityAltered = probability;
        set.outcomes.push_back(outcome);
      }
      return set;
    }

    // Once straight lines joined the points, whose area is larger than the average precision in the legend.
    TEST(OutcomeFigures, PrecisionAndRecallAreStepsWhoseAreaIsThatOfTheLegend)
    {
      // Half of the recall at a precision of 1, the other half at 2/3: 0.833. One sample in sixteen holds the worse
      // altered patient behind the better wild-type one alone: 1/2.
      const std::string script = Draw(MakeCurveFigures("four", "Title", {MakeFour()}).precisionRecall);
      EXPECT_THAT(script, HasSubstr("$curve0 << EOD\n0 1\n0.5 1\n0.5 0.5\n1 0.666667\n1 0.5\nEOD\n"));
      EXPECT_THAT(script,
                  AllOf(HasSubstr("$curve0 with fsteps "), HasSubstr("title 'four (AP 0.833, 0.500 to 1.000)'")));
      EXPECT_THAT(script,
                  AllOf(HasSubstr("$curve1 << EOD\n0 0.5\n1 0.5\nEOD\n"), HasSubstr("$curve1 with lines lw 1 dt 2"),
                        HasSubstr("title 'chance (prevalence 0.500)'")));
    }

    TEST(OutcomeFigures, TheLegendOfRocHasTheIntervalOnTheLogitScale)
    {
      // Three of four pairs are won; logit ln 3, deviation sqrt(0.125).
      EXPECT_THAT(Draw(MakeCurveFigures("four", "Title", {MakeFour()}).roc),
                  HasSubstr("title 'four (AUC 0.750, 0.069 to 0.992)'"));
    }

    TEST(OutcomeFigures, EachCurveHasABandOfItsColourBehindAllCurves)
    {
      NamedOutcomes other = MakeFour();
      other.name = "other";
      const CurveFigures figures = MakeCurveFigures("two", "Title", {MakeFour(), other});
      for (const Figure* const figure : {&figures.roc, &figures.precisionRecall})
      {
        const std::string script = Draw(*figure);
        EXPECT_THAT(script,
                    AllOf(HasSubstr("$band0 using 1:2:3 with filledcurves fs transparent solid 0.12 noborder lc "
                                    "rgb '#0072b2' notitle"),
                          HasSubstr("$band1 using 1:2:3 with filledcurves"), HasSubstr("lw 2 lc rgb '#0072b2'"),
                          HasSubstr("lw 2 lc rgb '#d55e00'")));
        EXPECT_LT(script.find("$band1 using"), script.find("$curve0 with"));
      }
      // Without a false alarm both altered patients are found, or none, by the luck of the draw; with all alarms, both.
      EXPECT_THAT(Draw(figures.roc), AllOf(HasSubstr("$band0 << EOD\n0 0 1\n"), HasSubstr("\n1 1 1\nEOD\n")));
    }

    TEST(OutcomeFigures, TheBandOfADecisionCurveGoesNoDeeperThanTheCurve)
    {
      const std::string script = Draw(MakeDecisionFigure("decision", MakeFour()));
      // Above 0.9 nobody is acted on; from 0.8 one altered patient, whom a sample holds twice, once or not.
      EXPECT_THAT(script, AllOf(HasSubstr("\n0.85 0 0.5\n"), HasSubstr("\n0.95 0 0\n")));
      // The curve is lowest at 0.79: 1/4 - 1/4 x 0.79 / 0.21. A sample of false alarms alone would be at -1.88.
      EXPECT_THAT(script, AllOf(HasSubstr("\n0.79 -0.690476\n"), HasSubstr("\n0.79 -0.690476 0.5\n")));
    }

    TEST(OutcomeFigures, ASetWithoutBothGenotypesHasNoCurve)
    {
      NamedOutcomes alone = MakeFour();
      alone.outcomes.resize(1);
      EXPECT_THAT(Draw(MakeCurveFigures("two", "Title", {MakeFour(), alone}).precisionRecall),
                  Not(HasSubstr("$curve2")));
    }

    // The curve of one unit: steps and losses, of events that are given as {input size, step, steps of the stage}.
    std::string DrawLosses(const std::vector<std::array<int, 3>>& events)
    {
      const Testing::TemporaryFolder folder;
      std::ofstream file(folder.GetPath() / "events.jsonl");
      for (std::size_t i = 0; i < events.size(); i++)
      {
        file << R"({"event": "step", "input_size": )" << events[i][0] << R"(, "step": )" << events[i][1]
             << R"(, "of": )" << events[i][2] << R"(, "total": )" << i << "}\n";
      }
      file.close();
      return Draw(MakeLossFigure("loss", "Title", folder.GetPath() / "events.jsonl", "total"));
    }

    TEST(LossFigure, StagesFollowEachOther)
    {
      EXPECT_THAT(DrawLosses({{64, 10, 20}, {64, 20, 20}, {128, 10, 30}, {128, 20, 30}}),
                  HasSubstr("EOD\n10 0\n20 1\n30 2\n40 3\nEOD\n"));
      EXPECT_THAT(DrawLosses({{64, 5, 5}, {128, 10, 20}, {128, 20, 20}}), HasSubstr("EOD\n5 0\n15 1\n25 2\nEOD\n"));
    }

    std::size_t CountIn(const std::string& text, const std::string& part)
    {
      std::size_t count = 0;
      for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
      {
        count++;
      }
      return count;
    }

    std::string DrawLossesOf(const std::vector<std::string>& units)
    {
      const Testing::TemporaryFolder folder;
      std::ofstream file(folder.GetPath() / "events.jsonl");
      for (const std::string& unit : units)
      {
        file << R"({"event": "step", "input_size": 64, "step": 1, "of": 1, "total": 1, "unit": ")" << unit << "\"}\n";
      }
      file.close();
      return Draw(MakeLossFigure("loss", "Title", folder.GetPath() / "events.jsonl", "total"));
    }

    // Once the thirty curves of an ablation had no names, and colours that came round again.
    TEST(LossFigure, OfManyCurvesTheFoldsOfAModelShareNameAndColour)
    {
      std::vector<std::string> units;
      for (const char* const model : {"model-1/", "model-2/", "model-3/", "model-4/", "model-5/", "model-6/"})
      {
        for (const char* const fold : {"fold-1", "fold-2", "fold-3", "fold-4", "fold-5"})
        {
          units.push_back(std::string(model) + fold);
        }
      }
      const std::string script = DrawLossesOf(units);
      EXPECT_EQ(CountIn(script, "' title '"), 6U);
      EXPECT_EQ(CountIn(script, " notitle"), 24U);
      EXPECT_THAT(script, AllOf(HasSubstr("set key top right"), HasSubstr("title 'model-1 (5 folds)'"),
                                HasSubstr("title 'model-6 (5 folds)'")));
      for (const char* const colour : {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"})
      {
        EXPECT_EQ(CountIn(script, std::string("with lines lw 1 lc rgb '") + colour + "'"), 5U) << colour;
      }
    }

    TEST(LossFigure, FewCurvesHaveANameEach)
    {
      const std::string script = DrawLossesOf({"fold-1", "fold-2", "fold-3"});
      EXPECT_THAT(script, AllOf(HasSubstr("with lines lw 2 lc rgb '#0072b2' title 'fold-1'"),
                                HasSubstr("with lines lw 2 lc rgb '#009e73' title 'fold-3'")));
      std::vector<std::string> folds;
      std::vector<std::string> encoders;
      for (int fold = 1; fold <= 10; fold++)
      {
        folds.push_back("fold-" + std::to_string(fold));
        encoders.push_back("encoder-" + folds.back());
      }
      EXPECT_THAT(DrawLossesOf(folds), HasSubstr("title '10 folds'"));
      EXPECT_THAT(DrawLossesOf(encoders), HasSubstr("title 'encoder (10 folds)'"));
    }

    TEST(LossFigure, WhatARunRepeatsStandsOnce)
    {
      EXPECT_THAT(DrawLosses({{64, 10, 30}, {64, 20, 30}, {64, 10, 30}, {64, 20, 30}, {64, 30, 30}}),
                  HasSubstr("EOD\n10 2\n20 3\n30 4\nEOD\n"))
        << "begun anew before its first checkpoint";
      EXPECT_THAT(DrawLosses({{64, 10, 10}, {128, 10, 40}, {128, 20, 40}, {128, 30, 40}, {128, 20, 40}}),
                  HasSubstr("EOD\n10 0\n20 1\n30 4\nEOD\n"))
        << "resumed in the second stage";
      EXPECT_THAT(DrawLosses({{64, 10, 20}, {64, 20, 20}, {128, 10, 40}, {64, 20, 20}, {128, 10, 40}}),
                  HasSubstr("EOD\n10 0\n20 3\n30 4\nEOD\n"))
        << "back in the first stage";
    }
  }
}
