// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/ReliabilityCurve.h"

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/PatientBootstrap.h"
#include "Training/Statistics/Proportion.h"

#include <algorithm>
#include <cmath>

namespace H3K27M::Statistics
{
  namespace
  {
    // The bin of each patient.
    std::vector<std::size_t> AssignBins(const std::vector<double>& scores, Binning binning, std::size_t bins)
    {
      std::vector<double> ascending = scores;
      std::sort(ascending.begin(), ascending.end());
      std::vector<std::size_t> assigned;
      for (const double score : scores)
      {
        if (binning == Binning::EqualWidth)
        {
          assigned.push_back(std::min(bins - 1, static_cast<std::size_t>(score * static_cast<double>(bins))));
        }
        else
        {
          const auto lower = std::lower_bound(ascending.begin(), ascending.end(), score) - ascending.begin();
          assigned.push_back(static_cast<std::size_t>(lower) * bins / scores.size());
        }
      }
      return assigned;
    }
  }

  const char* ToString(Binning binning) noexcept
  {
    return binning == Binning::EqualWidth ? "equal width" : "equal mass";
  }

  ReliabilityCurve::ReliabilityCurve(const ScoredPatients& patients, Binning binning, std::size_t bins) :
    binning_(binning),
    bins_(bins)
  {
    patients.RequireProbabilities("The reliability curve");
    if (bins == 0)
    {
      throw Error(ErrorCode::BadInput, "The reliability curve needs at least one bin");
    }
    const std::vector<std::size_t> assigned = AssignBins(patients.GetScores(), binning, bins);
    std::vector<ReliabilityBin> all(bins);
    std::vector<std::size_t> positives(bins);
    for (std::size_t i = 0; i < assigned.size(); i++)
    {
      all[assigned[i]].patients++;
      all[assigned[i]].meanScore += patients.GetScores()[i];
      positives[assigned[i]] += patients.GetTruth()[i] ? 1 : 0;
    }
    for (std::size_t bin = 0; bin < bins; bin++)
    {
      if (all[bin].patients > 0)
      {
        all[bin].meanScore /= static_cast<double>(all[bin].patients);
        all[bin].observed = EstimateProportion(positives[bin], all[bin].patients);
        used_.push_back(all[bin]);
      }
    }
  }

  double ReliabilityCurve::GetExpectedCalibrationError() const
  {
    double sum = 0;
    std::size_t patients = 0;
    for (const ReliabilityBin& bin : used_)
    {
      sum += static_cast<double>(bin.patients) * std::abs(bin.meanScore - bin.observed.value);
      patients += bin.patients;
    }
    return sum / static_cast<double>(patients);
  }

  Json::Value ReliabilityCurve::ToJson() const
  {
    Json::Value json;
    json["ece"] = GetExpectedCalibrationError();
    json["binning"] = ToString(binning_);
    json["bins"] = Json::UInt64{bins_};
    for (const ReliabilityBin& bin : used_)
    {
      Json::Value line;
      line["patients"] = Json::UInt64{bin.patients};
      line["mean_score"] = bin.meanScore;
      line["observed"] = bin.observed.ToJson();
      json["curve"].append(line);
    }
    return json;
  }

  Estimate EstimateCalibrationError(const ScoredPatients& patients, Binning binning, std::uint64_t seed)
  {
    const double value = ReliabilityCurve(patients, binning).GetExpectedCalibrationError();
    return PatientBootstrap::FromAll(patients.GetCount(), seed)
      .EstimateInterval(value, [&](const std::vector<std::size_t>& sample)
    { return ReliabilityCurve(patients.Select(sample), binning).GetExpectedCalibrationError(); });
  }
}
