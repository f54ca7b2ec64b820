// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/OutcomeFigures.h"

#include "Inference/Network/Axes.h"
#include "Training/Statistics/CurveBands.h"
#include "Training/Statistics/DecisionCurve.h"
#include "Training/Statistics/DeLong.h"
#include "Training/Statistics/PrecisionRecallCurve.h"
#include "Training/Statistics/ReliabilityCurve.h"
#include "Training/Statistics/RocCurve.h"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace H3K27M::Reports
{
  namespace
  {
    using Evaluation::CaseOutcome;

    constexpr Evaluation::ProtocolField AUTOMATIC = &CaseOutcome::probabilityAltered;

    // Treating all, and the band of a benefit, fall without end near a threshold of 1; below this they hide the rest.
    constexpr double LOWEST_BENEFIT = -0.2;

    bool HasTumours(const NamedOutcomes& set)
    {
      return std::any_of(set.outcomes.begin(), set.outcomes.end(),
                         [](const CaseOutcome& outcome) { return outcome.hasTumour; });
    }

    bool HasBothGenotypes(const Statistics::ScoredPatients& patients)
    {
      return patients.GetPositives() > 0 && patients.GetNegatives() > 0;
    }

    // Empty where a genotype is missing: there is no curve then.
    std::optional<Statistics::ScoredPatients> Score(const NamedOutcomes& set, Evaluation::ProtocolField protocol)
    {
      if (!HasTumours(set))
      {
        return std::nullopt;
      }
      auto patients = Evaluation::ScoreTumourCases(set.outcomes, protocol);
      return HasBothGenotypes(patients) ? std::optional(std::move(patients)) : std::nullopt;
    }

    // "", or how many patients a figure of answers cannot show.
    std::string DescribeUnanswered(const NamedOutcomes& set)
    {
      const std::size_t count = Evaluation::CountUnanswered(set.outcomes, AUTOMATIC);
      return count == 0 ? "" : " (" + std::to_string(count) + " without an answer left out)";
    }

    std::string WithValue(const std::string& name, const char* what, double value)
    {
      char text[32];
      std::snprintf(text, sizeof(text), " (%s %.3f)", what, value);
      return name + text;
    }

    std::string WithInterval(const std::string& name, const char* what, const Statistics::Estimate& estimate)
    {
      char text[64];
      std::snprintf(text, sizeof(text), " (%s %.3f, %.3f to %.3f)", what, estimate.value, estimate.low, estimate.high);
      return name + text;
    }

    Figure::Points MakeRocPoints(const Statistics::RocCurve& curve)
    {
      Figure::Points points;
      for (const Statistics::RocPoint& point : curve.GetPoints())
      {
        points.emplace_back(point.falsePositiveRate, point.sensitivity);
      }
      return points;
    }

    // Down to `lowest`.
    Figure::Band MakeBand(const std::vector<double>& places, const std::vector<Statistics::Estimate>& heights,
                          double lowest = 0)
    {
      Figure::Band band;
      for (std::size_t i = 0; i < places.size(); i++)
      {
        if (heights[i].high >= lowest)
        {
          band.push_back({places[i], std::max(heights[i].low, lowest), heights[i].high});
        }
      }
      return band;
    }

    // From recall 0, so that the area under these steps is the average precision.
    Figure::Points MakeSteps(const std::vector<Statistics::PrecisionRecallPoint>& curve)
    {
      Figure::Points points;
      points.emplace_back(0.0, curve.front().precision);
      for (const Statistics::PrecisionRecallPoint& point : curve)
      {
        points.emplace_back(point.recall, point.precision);
      }
      return points;
    }
  }

  CurveFigures MakeCurveFigures(const std::string& name, const std::string& title,
                                const std::vector<NamedOutcomes>& sets, Evaluation::ProtocolField protocol)
  {
    CurveFigures figures{Figure("roc-" + name, "ROC, " + title, "1 - specificity", "sensitivity"),
                         Figure("pr-" + name, "Precision and recall, " + title, "recall", "precision")};
    figures.roc.SetRanges(0, 1, 0, 1.02);
    figures.precisionRecall.SetRanges(0, 1, 0, 1.02);
    figures.precisionRecall.SetKey("bottom left");
    std::size_t altered = 0;
    std::size_t all = 0;
    for (const NamedOutcomes& set : sets)
    {
      if (const auto patients = Score(set, protocol))
      {
        const auto bands = Statistics::CurveBands::FromPatients(*patients, Evaluation::BOOTSTRAP_SEED);
        figures.roc.AddWithBand(WithInterval(set.name, "AUC", Statistics::EstimateAurocByLogit(*patients)),
                                MakeRocPoints(Statistics::RocCurve(*patients)), Figure::Style::Lines,
                                MakeBand(Statistics::CurveBands::GetPlaces(), bands.sensitivity));
        figures.precisionRecall.AddWithBand(WithInterval(set.name, "AP", bands.averagePrecision),
                                            MakeSteps(Statistics::PrecisionRecallCurve(*patients).GetPoints()),
                                            Figure::Style::Steps,
                                            MakeBand(Statistics::CurveBands::GetPlaces(), bands.precision));
        altered += patients->GetPositives();
        all += patients->GetCount();
      }
    }
    figures.roc.Add("chance", {{0, 0}, {1, 1}}, Figure::Style::Dashed);
    if (all > 0)
    {
      const double prevalence = static_cast<double>(altered) / static_cast<double>(all);
      figures.precisionRecall.Add(WithValue("chance", "prevalence", prevalence), {{0, prevalence}, {1, prevalence}},
                                  Figure::Style::Dashed);
    }
    return figures;
  }

  Figure MakeReliabilityFigure(const std::string& name, const NamedOutcomes& set)
  {
    Figure figure(name, "Calibration, " + set.name + DescribeUnanswered(set), "predicted probability of altered",
                  "observed share (95 % Wilson)");
    figure.SetRanges(0, 1, 0, 1);
    figure.Add("perfect", {{0, 0}, {1, 1}}, Figure::Style::Dashed);
    if (const auto patients = Evaluation::ScoreAnsweredCases(set.outcomes, AUTOMATIC))
    {
      const Statistics::ReliabilityCurve curve(*patients, Statistics::Binning::EqualWidth);
      std::vector<Figure::Bar> bars;
      for (const Statistics::ReliabilityBin& bin : curve.GetBins())
      {
        bars.push_back({bin.meanScore, bin.observed.value, bin.observed.low, bin.observed.high});
      }
      figure.AddBars("tenths of the probability", bars);
    }
    return figure;
  }

  Figure MakeDecisionFigure(const std::string& name, const NamedOutcomes& set)
  {
    Figure figure(name, "Decision curve, " + set.name, "threshold probability", "net benefit");
    figure.SetKey("top right");
    if (HasTumours(set))
    {
      const auto patients = Evaluation::ScoreForActing(set.outcomes, AUTOMATIC);
      const std::vector<double> thresholds = Statistics::DecisionCurve::GetDefaultThresholds();
      const Statistics::DecisionCurve curve(patients, thresholds);
      Figure::Points model;
      Figure::Points all;
      double lowest = LOWEST_BENEFIT;
      for (const Statistics::DecisionPoint& point : curve.GetPoints())
      {
        model.emplace_back(point.threshold, point.model);
        lowest = std::min(lowest, point.model);
        if (point.treatAll > LOWEST_BENEFIT)
        {
          all.emplace_back(point.threshold, point.treatAll);
        }
      }
      const auto benefits = Statistics::EstimateNetBenefit(patients, thresholds, Evaluation::BOOTSTRAP_SEED);
      figure.AddWithBand("model", model, Figure::Style::Lines, MakeBand(thresholds, benefits, lowest));
      figure.Add("treat all as altered", all, Figure::Style::Lines);
    }
    figure.Add("treat none", {{0, 0}, {1, 0}}, Figure::Style::Dashed);
    return figure;
  }

  Figure MakeScoreFigure(const std::string& name, const NamedOutcomes& set, double threshold)
  {
    Figure figure(name, "Probability of altered and Dice of each patient, " + set.name + DescribeUnanswered(set),
                  "probability of altered", "Dice");
    figure.SetRanges(0, 1, 0, 1);
    Figure::Points altered;
    Figure::Points wildType;
    for (const CaseOutcome& outcome : set.outcomes)
    {
      if (outcome.hasTumour && outcome.probabilityAltered && outcome.dice)
      {
        (outcome.genotype == Network::GENOTYPE_ALTERED ? altered : wildType)
          .emplace_back(*outcome.probabilityAltered, *outcome.dice);
      }
    }
    figure.Add("altered", altered, Figure::Style::Dots, Figure::ALTERED);
    figure.Add("wild type", wildType, Figure::Style::Dots, Figure::WILD_TYPE);
    figure.Add("threshold", {{threshold, 0}, {threshold, 1}}, Figure::Style::Dashed);
    return figure;
  }
}
