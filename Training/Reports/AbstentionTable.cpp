// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/AbstentionTable.h"

#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Reports/MetricText.h"
#include "Training/Statistics/DeLong.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace H3K27M::Reports
{
  namespace
  {
    using Evaluation::CaseOutcome;

    // 0.02 is what triage does unless it is told otherwise (MinimumTypicality).
    constexpr std::array MINIMA = {0.0, 0.01, 0.02, 0.05, 0.1, 0.2};

    bool CanBeJudged(const CaseOutcome& outcome)
    {
      return outcome.hasTumour && outcome.typicality.has_value();
    }

    std::string Format(const std::optional<Statistics::Estimate>& estimate)
    {
      return FormatEstimate(estimate ? estimate->ToJson() : Json::Value());
    }

    // Needs both genotypes.
    std::optional<Statistics::Estimate> EstimateAurocOf(const std::vector<CaseOutcome>& outcomes)
    {
      if (outcomes.empty())
      {
        return std::nullopt;
      }

      const auto patients = Evaluation::ScoreTumourCases(outcomes, &CaseOutcome::probabilityAltered);
      const bool hasBoth = patients.GetPositives() > 0 && patients.GetNegatives() > 0;
      return hasBoth ? std::optional(Statistics::EstimateAurocByLogit(patients)) : std::nullopt;
    }
  }

  std::optional<Table> MakeAbstentionTable(const std::string& name, const std::vector<CaseOutcome>& outcomes,
                                           double threshold)
  {
    std::vector<CaseOutcome> judged;
    std::copy_if(outcomes.begin(), outcomes.end(), std::back_inserter(judged), CanBeJudged);

    if (judged.empty())
    {
      return std::nullopt;
    }

    Table table{
      name,
      "Patients of whom no genotype is stated because they look unusual to the model, and the others, by whom it is "
      "judged: one without an answer counts as wrong; protocol automatic",
      {"Less usual than", "Passed over", "Without an answer", "Stated", "AUROC", "Sensitivity", "Specificity",
       "Accuracy"},
      {},
      {}};

    for (const double minimum : MINIMA)
    {
      std::vector<CaseOutcome> others;
      std::copy_if(judged.begin(), judged.end(), std::back_inserter(others),
                   [minimum](const CaseOutcome& outcome) { return *outcome.typicality >= minimum; });
      const auto stated = std::count_if(others.begin(), others.end(), [](const CaseOutcome& outcome)
      { return outcome.probabilityAltered.has_value(); });
      const std::size_t silent = others.size() - static_cast<std::size_t>(stated);
      const auto calls = Evaluation::CountCalls(others, threshold, &CaseOutcome::probabilityAltered);
      table.AddRow({FormatNumber(minimum), std::to_string(judged.size() - others.size()), std::to_string(silent),
                    std::to_string(stated), Format(EstimateAurocOf(others)), Format(calls.GetSensitivity()),
                    Format(calls.GetSpecificity()), Format(calls.GetAccuracy())});
    }

    return table;
  }
}
