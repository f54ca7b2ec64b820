// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/PatientScore.h"

#include "Inference/Protocol/Error.h"

#include <cmath>
#include <sstream>

namespace H3K27M::Predict
{
  namespace
  {
    void Check(const ScoreRules& rules)
    {
      if (!(rules.threshold >= 0 && rules.threshold <= 1))
      {
        throw Error(ErrorCode::BadInput, "The threshold is not between 0 and 1");
      }
      if (!(rules.minimumTypicality >= 0 && rules.minimumTypicality <= 1))
      {
        throw Error(ErrorCode::BadInput, "The minimum typicality is not between 0 and 1");
      }
      if (!(rules.minimumTumourAreaMm2 >= 0) || !std::isfinite(rules.minimumTumourAreaMm2))
      {
        throw Error(ErrorCode::BadInput, "The minimum tumour area is not a size in square millimetres");
      }
    }

    bool IsChosen(const SliceScore& score, const ScoreRules& rules)
    {
      return !rules.hasSegmentation ||
             (score.pixelsAltered + score.pixelsWildType > 0 && score.tumourAreaMm2 >= rules.minimumTumourAreaMm2);
    }

    std::string DescribeLogic(const ScoreRules& rules)
    {
      std::ostringstream text;
      text << "Slices: ";
      if (rules.hasSegmentation)
      {
        text << "those with a predicted tumour area of at least " << rules.minimumTumourAreaMm2 << " mm2";
      }
      else
      {
        text << "all that show the head";
      }
      text << " (protocol automatic). Altered if the mean of their probabilities is greater than " << rules.threshold
           << ".";
      return text.str();
    }

    // `chosen` is not empty.
    std::vector<double> GetMemberMeans(const std::vector<SliceScore>& scores, const std::vector<std::size_t>& chosen)
    {
      std::vector<double> means(scores[chosen.front()].memberAltered.size());
      for (const std::size_t index : chosen)
      {
        for (std::size_t member = 0; member < means.size(); ++member)
        {
          means[member] += scores[index].memberAltered.at(member) / static_cast<double>(chosen.size());
        }
      }
      return means;
    }

    std::optional<bool> CompareWithMask(const std::vector<SliceScore>& scores, const PatientScore& patient)
    {
      std::size_t altered = 0;
      std::size_t wildType = 0;
      for (const std::size_t index : patient.chosen)
      {
        altered += scores[index].pixelsAltered;
        wildType += scores[index].pixelsWildType;
      }
      if (altered == wildType)
      {
        return std::nullopt;
      }
      return (altered > wildType) == (patient.call == GenotypeCall::Altered);
    }
  }

  std::string_view ToString(GenotypeCall call) noexcept
  {
    switch (call)
    {
      case GenotypeCall::Altered:
        return "altered";
      case GenotypeCall::WildType:
        return "wild-type";
      case GenotypeCall::NotDetermined:
        break;
    }
    return "not determined";
  }

  PatientScore PatientScore::Evaluate(const std::vector<SliceScore>& scores, const ScoreRules& rules)
  {
    Check(rules);
    PatientScore patient;
    patient.logic = DescribeLogic(rules);
    double altered = 0;
    double wildType = 0;
    for (std::size_t i = 0; i < scores.size(); ++i)
    {
      if (IsChosen(scores[i], rules))
      {
        patient.chosen.push_back(i);
        altered += scores[i].probabilityAltered;
        wildType += 1 - scores[i].probabilityAltered;
      }
    }
    if (patient.chosen.empty())
    {
      patient.reason = scores.empty()          ? "No slice shows the head."
                       : rules.hasSegmentation ? "No slice shows a tumour of the minimum area."
                                               : "No slice could be scored.";
      return patient;
    }
    const bool isAltered = altered * (1 - rules.threshold) > wildType * rules.threshold;
    patient.call = isAltered ? GenotypeCall::Altered : GenotypeCall::WildType;
    patient.probabilityAltered = altered / static_cast<double>(patient.chosen.size());
    patient.memberProbabilities = GetMemberMeans(scores, patient.chosen);
    patient.agreesWithMask = rules.hasSegmentation ? CompareWithMask(scores, patient) : std::nullopt;
    return patient;
  }

  void PatientScore::Abstain(const std::string& why)
  {
    call = GenotypeCall::NotDetermined;
    probabilityAltered.reset();
    memberProbabilities.clear();
    chosen.clear();
    agreesWithMask.reset();
    reason = why;
  }
}
