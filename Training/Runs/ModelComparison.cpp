// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/ModelComparison.h"

#include "Inference/Protocol/Error.h"
#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Statistics/DeLong.h"
#include "Training/Statistics/HolmCorrection.h"
#include "Training/Statistics/McNemarTest.h"
#include "Training/Statistics/PValue.h"
#include "Training/Statistics/PatientBootstrap.h"
#include "Training/Statistics/ScoredPatients.h"

#include <algorithm>

namespace H3K27M::Runs
{
  namespace
  {
    using Evaluation::CaseOutcome;

    void SortById(std::vector<CaseOutcome>& outcomes)
    {
      std::sort(outcomes.begin(), outcomes.end(),
                [](const CaseOutcome& left, const CaseOutcome& right) { return left.id < right.id; });
    }

    void RequireSamePatients(const ComparedModel& first, const ComparedModel& second)
    {
      const bool isSame =
        std::equal(first.outcomes.begin(), first.outcomes.end(), second.outcomes.begin(), second.outcomes.end(),
                   [](const CaseOutcome& left, const CaseOutcome& right) { return left.id == right.id; });
      if (!isSame)
      {
        throw Error(ErrorCode::BadInput,
                    first.name + " and " + second.name + " did not answer about the same patients");
      }
    }

    bool HasTumourCase(const ComparedModel& model)
    {
      return std::any_of(model.outcomes.begin(), model.outcomes.end(),
                         [](const CaseOutcome& outcome) { return outcome.hasTumour; });
    }

    // Adds `auroc` and `mcnemar` of the protocol. Of one genotype alone there is no area, but calls there are.
    void CompareGenotypes(Json::Value& json, const ComparedModel& first, const ComparedModel& second, double threshold,
                          Evaluation::ProtocolField protocol)
    {
      const auto scoresOfFirst = Evaluation::ScoreTumourCases(first.outcomes, protocol);
      const auto scoresOfSecond = Evaluation::ScoreTumourCases(second.outcomes, protocol);
      scoresOfFirst.RequireSamePatients(scoresOfSecond);
      const bool hasBoth = scoresOfFirst.GetPositives() > 0 && scoresOfFirst.GetNegatives() > 0;
      json["auroc"] = hasBoth ? Statistics::CompareAuroc(scoresOfFirst, scoresOfSecond).ToJson() : Json::Value();
      json["mcnemar"] = Statistics::McNemarTest::Run(Evaluation::JudgeCalls(first.outcomes, threshold, protocol),
                                                     Evaluation::JudgeCalls(second.outcomes, threshold, protocol))
                          .ToJson();
    }

    Json::Value Compare(const ComparedModel& first, const ComparedModel& second, double threshold)
    {
      Json::Value json;
      json["first"] = first.name;
      json["second"] = second.name;
      CompareGenotypes(json, first, second, threshold, &CaseOutcome::probabilityAltered);
      CompareGenotypes(json["oracle"], first, second, threshold, &CaseOutcome::oracleProbability);
      json["dice"] = Json::Value();
      if (first.hasSegmentation && second.hasSegmentation)
      {
        json["dice"] = Statistics::CompareMeans(Evaluation::GetTumourDice(first.outcomes),
                                                Evaluation::GetTumourDice(second.outcomes), Evaluation::BOOTSTRAP_SEED)
                         .ToJson();
      }
      return json;
    }

    // The family: all that were compared. One whose p is not defined was a test, too, which found nothing: without it
    // the others would be judged more mildly for what the data happen to be.
    void Adjust(const std::vector<Json::Value*>& family)
    {
      std::vector<double> pValues;
      std::vector<Json::Value*> targets;
      for (Json::Value* const target : family)
      {
        if (target->isObject())
        {
          pValues.push_back((*target)["p"].isNumeric() ? (*target)["p"].asDouble() : 1);
          targets.push_back(target);
        }
      }
      const std::vector<double> adjusted = Statistics::AdjustByHolm(pValues);
      for (std::size_t i = 0; i < adjusted.size(); i++)
      {
        if ((*targets[i])["p"].isNumeric())
        {
          (*targets[i])["p_holm"] = adjusted[i];
          (*targets[i])["p_holm_text"] = Statistics::FormatPValue(adjusted[i]);
        }
      }
    }
  }

  void AdjustComparisons(const std::vector<Json::Value*>& comparisons)
  {
    for (const char* measure : {"auroc", "mcnemar", "dice"})
    {
      std::vector<Json::Value*> family;
      std::vector<Json::Value*> oracleFamily;
      for (Json::Value* const comparison : comparisons)
      {
        family.push_back(&(*comparison)[measure]);
        if (Json::Value& oracle = (*comparison)["oracle"]; oracle.isMember(measure))
        {
          oracleFamily.push_back(&oracle[measure]);
        }
      }
      Adjust(family);
      Adjust(oracleFamily);
    }
  }

  Json::Value ComparePair(ComparedModel first, ComparedModel second, double threshold)
  {
    SortById(first.outcomes);
    SortById(second.outcomes);
    RequireSamePatients(first, second);
    return HasTumourCase(first) || HasTumourCase(second) ? Compare(first, second, threshold) : Json::Value();
  }

  Json::Value CompareModels(std::vector<ComparedModel> models, double threshold)
  {
    if (std::none_of(models.begin(), models.end(), HasTumourCase))
    {
      return {};
    }
    Json::Value comparisons(Json::arrayValue);
    for (ComparedModel& model : models)
    {
      SortById(model.outcomes);
    }
    for (std::size_t i = 0; i + 1 < models.size(); i++)
    {
      RequireSamePatients(models[i], models.back());
      comparisons.append(Compare(models[i], models.back(), threshold));
    }
    std::vector<Json::Value*> family;
    for (Json::Value& comparison : comparisons)
    {
      family.push_back(&comparison);
    }
    AdjustComparisons(family);
    return comparisons;
  }
}
