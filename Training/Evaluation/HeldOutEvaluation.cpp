// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/HeldOutEvaluation.h"

#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Evaluation/SliceScores.h"
#include "Training/Statistics/BrierScore.h"
#include "Training/Statistics/DeLong.h"
#include "Training/Statistics/MaskOverlap.h"
#include "Training/Statistics/PatientBootstrap.h"
#include "Training/Statistics/PrecisionRecallCurve.h"
#include "Training/Statistics/Proportion.h"
#include "Training/Statistics/ReliabilityCurve.h"

#include <algorithm>
#include <numeric>
#include <span>

namespace H3K27M::Evaluation
{
  namespace
  {
    // As the network drew it, whatever its area: the minimum area chooses slices for the genotype, no tumour voxels.
    std::span<const std::uint8_t> FindMask(const Predict::StudyResult& result, std::size_t slice)
    {
      for (const auto* masks : {&result.masks, &result.smallMasks})
      {
        if (const auto found = masks->find(slice); found != masks->end())
        {
          return found->second;
        }
      }
      return {};
    }

    void MeasureMasks(const Data::TrainingCase& truth, const Predict::StudyResult& result, CaseOutcome& outcome)
    {
      const std::size_t plane = truth.rows * truth.columns;
      const auto ownClass = static_cast<std::uint8_t>(truth.genotype + 1);  // Network/Axes.h
      Statistics::MaskOverlap volume;
      for (std::size_t slice = 0; slice < truth.slices; slice++)
      {
        const auto reference = std::span(truth.mask).subspan(slice * plane, plane);
        const auto predicted = FindMask(result, slice);
        volume.Add(reference, predicted);
        Statistics::MaskOverlap own;
        own.AddClass(reference, predicted, ownClass);
        if (own.reference > 0)
        {
          outcome.sliceDice.push_back(own.GetDice());
        }
      }
      outcome.dice = volume.GetDice();
    }

    // Of the slices with reference tumour that were computed.
    std::vector<double> ListOracleProbabilities(const Data::TrainingCase& truth, const Predict::StudyResult& result)
    {
      const std::size_t plane = truth.rows * truth.columns;
      std::vector<double> probabilities;
      for (const Predict::SliceScore& score : result.scores)
      {
        const auto reference = std::span(truth.mask).subspan(score.slice * plane, plane);
        if (std::any_of(reference.begin(), reference.end(), [](std::uint8_t label) { return label != 0; }))
        {
          probabilities.push_back(score.probabilityAltered);
        }
      }
      return probabilities;
    }

    std::optional<double> GetMeanOrNothing(const std::vector<double>& values)
    {
      return values.empty() ? std::nullopt
                            : std::optional<double>(std::accumulate(values.begin(), values.end(), 0.0) /
                                                    static_cast<double>(values.size()));
    }

    Json::Value ToJson(const std::optional<Statistics::Estimate>& estimate)
    {
      return estimate ? estimate->ToJson() : Json::Value();
    }

    // Both genotypes must be there.
    Json::Value SummariseOracle(const std::vector<CaseOutcome>& outcomes, double threshold)
    {
      const auto patients = ScoreTumourCases(outcomes, &CaseOutcome::oracleProbability);
      const auto matrix = CountCalls(outcomes, threshold, &CaseOutcome::oracleProbability);
      Json::Value json;
      json["cases"] = Json::UInt64{patients.GetCount()};
      json["auroc"] = Statistics::EstimateAuroc(patients).ToJson();
      json["auroc_logit"] = Statistics::EstimateAurocByLogit(patients).ToJson();
      json["auprc"] = Statistics::EstimateAuprc(patients, BOOTSTRAP_SEED).ToJson();
      json["sensitivity"] = ToJson(matrix.GetSensitivity());
      json["specificity"] = ToJson(matrix.GetSpecificity());
      json["accuracy"] = ToJson(matrix.GetAccuracy());
      json["slices"] = SummariseSlices(outcomes, threshold);
      return json;
    }

    void AddCalibration(Json::Value& json, const std::vector<CaseOutcome>& outcomes)
    {
      json["brier"] = Json::Value();
      json["ece"] = Json::Value();
      json["calibration"] = Json::Value(Json::objectValue);
      if (const auto answered = ScoreAnsweredCases(outcomes, &CaseOutcome::probabilityAltered))
      {
        json["brier"] = Statistics::EstimateBrierScore(*answered, BOOTSTRAP_SEED).ToJson();
        json["ece"] =
          Statistics::EstimateCalibrationError(*answered, Statistics::Binning::EqualWidth, BOOTSTRAP_SEED).ToJson();
        json["calibration"] = Statistics::ReliabilityCurve(*answered, Statistics::Binning::EqualWidth).ToJson();
      }
      const std::size_t leftOut = CountUnanswered(outcomes, &CaseOutcome::probabilityAltered);
      json["calibration"]["left_out"] = Json::UInt64{leftOut};
    }

    // How often the class of most mask voxels is the class head's.
    Json::Value SummariseAgreement(const std::vector<CaseOutcome>& outcomes)
    {
      std::size_t cases = 0;
      std::size_t agreeing = 0;
      for (const CaseOutcome& outcome : outcomes)
      {
        if (outcome.hasTumour && outcome.agreesWithMask)
        {
          cases++;
          agreeing += *outcome.agreesWithMask ? 1 : 0;
        }
      }
      Json::Value json;
      json["cases"] = Json::UInt64{cases};
      json["disagreeing"] = Json::UInt64{cases - agreeing};
      json["share"] = cases == 0 ? Json::Value() : Statistics::EstimateProportion(agreeing, cases).ToJson();
      return json;
    }

    void AddGenotype(Json::Value& json, const std::vector<CaseOutcome>& outcomes, double threshold)
    {
      const auto patients = ScoreTumourCases(outcomes, &CaseOutcome::probabilityAltered);
      const auto matrix = CountCalls(outcomes, threshold, &CaseOutcome::probabilityAltered);
      if (patients.GetPositives() > 0 && patients.GetNegatives() > 0)
      {
        json["auroc"] = Statistics::EstimateAuroc(patients).ToJson();
        json["auroc_logit"] = Statistics::EstimateAurocByLogit(patients).ToJson();
        json["auprc"] = Statistics::EstimateAuprc(patients, BOOTSTRAP_SEED).ToJson();
        json["sensitivity"] = ToJson(matrix.GetSensitivity());
        json["specificity"] = ToJson(matrix.GetSpecificity());
        json["oracle"] = SummariseOracle(outcomes, threshold);
      }
      json["confusion"] = matrix.ToJson();
      json["accuracy"] = ToJson(matrix.GetAccuracy());
      json["ppv"] = ToJson(matrix.GetPositivePredictiveValue());
      json["npv"] = ToJson(matrix.GetNegativePredictiveValue());
      json["f1"] = ToJson(matrix.GetF1());
      AddCalibration(json, outcomes);
    }

    void AddSegmentation(Json::Value& json, const std::vector<CaseOutcome>& outcomes)
    {
      std::vector<std::vector<double>> sliceDice;
      for (const CaseOutcome& outcome : outcomes)
      {
        if (outcome.hasTumour && !outcome.sliceDice.empty())
        {
          sliceDice.push_back(outcome.sliceDice);
        }
      }
      const std::vector<double> dice = GetTumourDice(outcomes);
      json["dice"] = dice.empty() ? Json::Value() : Statistics::EstimateMean(dice, BOOTSTRAP_SEED).ToJson();
      json["mask_agreement"] = SummariseAgreement(outcomes);
      if (!sliceDice.empty())
      {
        json["dice_authors"] = Statistics::EstimateMeanOfItems(sliceDice, BOOTSTRAP_SEED).ToJson();
      }
    }

    Json::Value SummariseTumourFree(const std::vector<CaseOutcome>& outcomes)
    {
      std::size_t cases = 0;
      std::vector<double> volumes;  // of those that a network drew masks for
      for (const CaseOutcome& outcome : outcomes)
      {
        cases += outcome.hasTumour ? 0 : 1;
        if (!outcome.hasTumour && outcome.markedVolumeMm3)
        {
          volumes.push_back(*outcome.markedVolumeMm3);
        }
      }
      const auto alarms = static_cast<std::size_t>(
        std::count_if(volumes.begin(), volumes.end(), [](double volume) { return volume > 0; }));
      Json::Value json;
      json["cases"] = Json::UInt64{cases};
      json["marked"] =
        volumes.empty() ? Json::Value() : Statistics::EstimateProportion(alarms, volumes.size()).ToJson();
      json["largest_marked_volume_mm3"] =
        volumes.empty() ? Json::Value() : Json::Value(*std::max_element(volumes.begin(), volumes.end()));
      return json;
    }
  }

  HeldOutEvaluation::HeldOutEvaluation(std::vector<CaseOutcome> outcomes) :
    outcomes_(std::move(outcomes))
  {
  }

  HeldOutEvaluation HeldOutEvaluation::Run(const Data::ICaseSource& source, Predict::StudyPredictor& predictor,
                                           const Predict::ScoreRules& rules,
                                           const std::function<void(const CaseOutcome&)>& onCase)
  {
    std::vector<CaseOutcome> outcomes;
    Predict::ScoreRules kept = rules;
    kept.keepsSmallMasks = true;
    for (std::size_t i = 0; i < source.GetCount(); i++)
    {
      const Data::TrainingCase truth = source.Load(i);
      const Predict::StudyResult result = predictor.Run(truth.GetView(), kept);
      CaseOutcome outcome;
      outcome.id = truth.id;
      outcome.hasTumour = truth.hasTumour;
      outcome.genotype = truth.genotype;
      outcome.probabilityAltered = result.patient.probabilityAltered;
      outcome.agreesWithMask = result.patient.agreesWithMask;
      if (truth.hasTumour)
      {
        outcome.sliceProbabilities = ListOracleProbabilities(truth, result);
        outcome.oracleProbability = GetMeanOrNothing(outcome.sliceProbabilities);
      }
      if (rules.hasSegmentation && truth.hasTumour)
      {
        MeasureMasks(truth, result, outcome);
      }
      if (rules.hasSegmentation)
      {
        outcome.markedVolumeMm3 = result.tumourVolumeMm3;
      }
      outcome.typicality = result.typicality ? std::optional<double>(result.typicality->share) : std::nullopt;
      outcome.signature = result.signatures.empty() ? std::vector<double>() : result.signatures.front();
      outcomes.push_back(std::move(outcome));
      onCase(outcomes.back());
    }
    return HeldOutEvaluation(std::move(outcomes));
  }

  Json::Value HeldOutEvaluation::Summarise(double threshold) const
  {
    std::size_t tumourCases = 0;
    std::size_t undetermined = 0;
    for (const CaseOutcome& outcome : outcomes_)
    {
      tumourCases += outcome.hasTumour ? 1 : 0;
      undetermined += outcome.hasTumour && !outcome.probabilityAltered ? 1 : 0;
    }
    Json::Value json;
    json["protocol"] = "automatic";
    json["positive"] = "altered";
    json["threshold"] = threshold;
    json["cases"] = Json::UInt64{outcomes_.size()};
    json["tumour_cases"] = Json::UInt64{tumourCases};
    json["not_determined"] = Json::UInt64{undetermined};
    if (tumourCases > 0)
    {
      AddGenotype(json, outcomes_, threshold);
      AddSegmentation(json, outcomes_);
    }
    json["tumour_free"] = SummariseTumourFree(outcomes_);
    return json;
  }
}
