// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/HeldOutEvaluation.h"

#include "Inference/Network/Axes.h"
#include "Training/Evaluation/Intervals.h"

#include <algorithm>

namespace H3K27M::Evaluation
{
  namespace
  {
    constexpr double NOT_DETERMINED_SCORE = 0.5;
    constexpr std::uint64_t BOOTSTRAP_SEED = 27;

    double ComputeDice(const Data::TrainingCase& truth, const Predict::StudyResult& result)
    {
      const std::size_t plane = truth.rows * truth.columns;
      std::size_t both = 0;
      std::size_t predicted = 0;
      for (const auto& [slice, mask] : result.masks)
      {
        for (std::size_t i = 0; i < plane; i++)
        {
          const bool isTumour = mask[i] != 0;
          predicted += isTumour ? 1 : 0;
          both += isTumour && truth.mask[slice * plane + i] != 0 ? 1 : 0;
        }
      }
      const auto actual = static_cast<std::size_t>(
        std::count_if(truth.mask.begin(), truth.mask.end(), [](std::uint8_t label) { return label != 0; }));
      return predicted + actual == 0 ? 1 : 2.0 * static_cast<double>(both) / static_cast<double>(predicted + actual);
    }

    // Of the cases with this truth: how many were called so.
    Json::Value GetHitRate(const std::vector<CaseOutcome>& outcomes, std::int64_t genotype, double threshold)
    {
      std::size_t cases = 0;
      std::size_t hits = 0;
      for (const CaseOutcome& outcome : outcomes)
      {
        if (outcome.hasTumour && outcome.genotype == genotype)
        {
          cases++;
          const bool isAltered = outcome.probabilityAltered && *outcome.probabilityAltered > threshold;
          const bool isHit = genotype == Network::GENOTYPE_ALTERED ? isAltered : !isAltered;
          hits += outcome.probabilityAltered && isHit ? 1 : 0;
        }
      }
      return cases == 0 ? Json::Value() : EstimateProportion(hits, cases).ToJson();
    }

    Json::Value SummariseTumourFree(const std::vector<CaseOutcome>& outcomes)
    {
      std::size_t cases = 0;
      std::size_t alarms = 0;
      double volume = 0;
      for (const CaseOutcome& outcome : outcomes)
      {
        if (!outcome.hasTumour)
        {
          cases++;
          alarms += outcome.predictedVolumeMm3 > 0 ? 1 : 0;
          volume = std::max(volume, outcome.predictedVolumeMm3);
        }
      }
      Json::Value json;
      json["cases"] = Json::UInt64{cases};
      json["marked"] = cases == 0 ? Json::Value() : EstimateProportion(alarms, cases).ToJson();
      json["largest_marked_volume_mm3"] = volume;
      return json;
    }
  }

  HeldOutEvaluation::HeldOutEvaluation(std::vector<CaseOutcome> outcomes) :
    outcomes_(std::move(outcomes))
  {
  }

  HeldOutEvaluation HeldOutEvaluation::Run(const Data::ICaseSource& source, Predict::StudyPredictor& predictor,
                                           const Predict::ScoreRules& rules,
                                           const std::function<void(std::size_t)>& onCase)
  {
    std::vector<CaseOutcome> outcomes;
    for (std::size_t i = 0; i < source.GetCount(); i++)
    {
      const Data::TrainingCase truth = source.Load(i);
      const Predict::StudyResult result = predictor.Run(truth.GetView(), rules);
      CaseOutcome outcome;
      outcome.id = truth.id;
      outcome.hasTumour = truth.hasTumour;
      outcome.genotype = truth.genotype;
      outcome.probabilityAltered = result.patient.probabilityAltered;
      outcome.dice = truth.hasTumour ? ComputeDice(truth, result) : 0;
      outcome.predictedVolumeMm3 = result.tumourVolumeMm3;
      outcomes.push_back(outcome);
      onCase(i + 1);
    }
    return HeldOutEvaluation(std::move(outcomes));
  }

  Json::Value HeldOutEvaluation::Summarise(double threshold) const
  {
    std::vector<double> altered;
    std::vector<double> wildType;
    std::vector<double> dice;
    std::size_t undetermined = 0;
    for (const CaseOutcome& outcome : outcomes_)
    {
      if (outcome.hasTumour)
      {
        undetermined += outcome.probabilityAltered ? 0 : 1;
        (outcome.genotype == Network::GENOTYPE_ALTERED ? altered : wildType)
          .push_back(outcome.probabilityAltered.value_or(NOT_DETERMINED_SCORE));
        dice.push_back(outcome.dice);
      }
    }
    Json::Value json;
    json["protocol"] = "automatic";
    json["positive"] = "altered";
    json["cases"] = Json::UInt64{outcomes_.size()};
    json["tumour_cases"] = Json::UInt64{dice.size()};
    json["not_determined"] = Json::UInt64{undetermined};
    if (!altered.empty() && !wildType.empty())
    {
      json["auroc"] = EstimateAuroc(altered, wildType).ToJson();
      json["sensitivity"] = GetHitRate(outcomes_, Network::GENOTYPE_ALTERED, threshold);
      json["specificity"] = GetHitRate(outcomes_, Network::GENOTYPE_WILD_TYPE, threshold);
    }
    if (!dice.empty())
    {
      json["dice"] = EstimateMean(dice, BOOTSTRAP_SEED).ToJson();
    }
    json["tumour_free"] = SummariseTumourFree(outcomes_);
    return json;
  }
}
