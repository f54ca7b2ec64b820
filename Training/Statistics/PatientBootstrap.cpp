// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/PatientBootstrap.h"

#include "Inference/Phantom/RandomSource.h"
#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace H3K27M::Statistics
{
  namespace
  {
    void RequireValues(const std::vector<double>& values)
    {
      if (values.empty() ||
          !std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); }))
      {
        throw Error(ErrorCode::BadInput, "A mean needs at least one value, and each to be a finite number");
      }
    }

    // Linear interpolation between order statistics.
    double GetQuantile(const std::vector<double>& ascending, double share)
    {
      const double position = share * static_cast<double>(ascending.size() - 1);
      const auto below = static_cast<std::size_t>(position);
      const std::size_t above = std::min(below + 1, ascending.size() - 1);
      return ascending[below] + (ascending[above] - ascending[below]) * (position - static_cast<double>(below));
    }

    double GetMeanOf(const std::vector<double>& values, const std::vector<std::size_t>& sample)
    {
      double sum = 0;
      for (const std::size_t i : sample)
      {
        sum += values[i];
      }
      return sum / static_cast<double>(sample.size());
    }

    std::vector<std::size_t> MakeIndices(std::size_t count)
    {
      std::vector<std::size_t> indices(count);
      std::iota(indices.begin(), indices.end(), std::size_t{0});
      return indices;
    }
  }

  PatientBootstrap::PatientBootstrap(std::vector<std::vector<std::size_t>> strata, std::string method,
                                     std::uint64_t seed) :
    strata_(std::move(strata)),
    method_(std::move(method)),
    seed_(seed)
  {
  }

  PatientBootstrap PatientBootstrap::FromAll(std::size_t patients, std::uint64_t seed)
  {
    if (patients == 0)
    {
      throw Error(ErrorCode::BadInput, "The bootstrap needs at least one patient");
    }
    return {{MakeIndices(patients)}, "patient bootstrap", seed};
  }

  PatientBootstrap PatientBootstrap::WithinClasses(const ScoredPatients& patients, std::uint64_t seed)
  {
    std::vector<std::vector<std::size_t>> strata(2);
    for (std::size_t i = 0; i < patients.GetCount(); i++)
    {
      strata[patients.GetTruth()[i] ? 0 : 1].push_back(i);
    }
    return {std::move(strata), "patient bootstrap within each class", seed};
  }

  PatientBootstrap PatientBootstrap::WithinGroups(const ScoredPatients& patients,
                                                  const std::vector<std::size_t>& groups, std::uint64_t seed)
  {
    if (groups.size() != patients.GetCount())
    {
      throw Error(ErrorCode::BadInput, "Each patient is of one group: there are " +
                                         std::to_string(patients.GetCount()) + " patients and " +
                                         std::to_string(groups.size()) + " groups");
    }
    std::map<std::pair<std::size_t, bool>, std::vector<std::size_t>> members;
    for (std::size_t i = 0; i < groups.size(); i++)
    {
      members[{groups[i], patients.GetTruth()[i]}].push_back(i);
    }
    std::vector<std::vector<std::size_t>> strata;
    strata.reserve(members.size());
    for (auto& [key, patientsOfKey] : members)
    {
      strata.push_back(std::move(patientsOfKey));
    }
    return {std::move(strata), "patient bootstrap within each group and class", seed};
  }

  void PatientBootstrap::ForEachSample(const std::function<void(const std::vector<std::size_t>&)>& use) const
  {
    Phantom::RandomSource random(seed_, 0);
    std::vector<std::size_t> sample;
    for (std::size_t i = 0; i < SAMPLES; i++)
    {
      sample.clear();
      for (const std::vector<std::size_t>& stratum : strata_)
      {
        for (std::size_t k = 0; k < stratum.size(); k++)
        {
          sample.push_back(stratum[random.Index(static_cast<unsigned int>(stratum.size()))]);
        }
      }
      use(sample);
    }
  }

  std::vector<double> PatientBootstrap::Draw(const Statistic& statistic) const
  {
    std::vector<double> values;
    values.reserve(SAMPLES);
    ForEachSample([&](const std::vector<std::size_t>& sample) { values.push_back(statistic(sample)); });
    std::sort(values.begin(), values.end());
    return values;
  }

  Estimate PatientBootstrap::MakeEstimate(double value, const std::vector<double>& ascending) const
  {
    const double tail = (1 - CONFIDENCE) / 2;
    Estimate estimate = {value, GetQuantile(ascending, tail), GetQuantile(ascending, 1 - tail),
                         method_ + ", 2000 samples"};
    if (ascending.front() == ascending.back())
    {
      estimate.method += " (no interval: the patients' values are alike in all samples)";
    }
    return estimate;
  }

  Estimate PatientBootstrap::EstimateInterval(double value, const Statistic& statistic) const
  {
    return MakeEstimate(value, Draw(statistic));
  }

  std::vector<Estimate> PatientBootstrap::EstimateIntervals(const std::vector<double>& values, const Curve& curve) const
  {
    std::vector<std::vector<double>> drawn(values.size());
    ForEachSample([&](const std::vector<std::size_t>& sample)
    {
      const std::vector<double> heights = curve(sample);
      if (heights.size() != drawn.size())
      {
        throw Error(ErrorCode::Internal, "A bootstrap of " + std::to_string(drawn.size()) + " statistics was given " +
                                           std::to_string(heights.size()));
      }
      for (std::size_t i = 0; i < heights.size(); i++)
      {
        drawn[i].push_back(heights[i]);
      }
    });
    std::vector<Estimate> estimates;
    estimates.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); i++)
    {
      std::sort(drawn[i].begin(), drawn[i].end());
      estimates.push_back(MakeEstimate(values[i], drawn[i]));
    }
    return estimates;
  }

  Comparison PatientBootstrap::Compare(double difference, const Statistic& statistic) const
  {
    const std::vector<double> differences = Draw(statistic);
    const auto notAbove = std::upper_bound(differences.begin(), differences.end(), 0.0) - differences.begin();
    const auto notBelow = differences.end() - std::lower_bound(differences.begin(), differences.end(), 0.0);
    Comparison comparison;
    comparison.difference = MakeEstimate(difference, differences);
    comparison.difference.method = "paired " + comparison.difference.method;
    // One patient, or differences that are all the same: the samples tell nothing of chance.
    if (differences.front() == differences.back() && difference != 0)
    {
      return comparison;
    }
    comparison.pValue = std::min(1.0, 2.0 * static_cast<double>(1 + std::min(notAbove, notBelow)) / (SAMPLES + 1));
    return comparison;
  }

  Estimate EstimateMean(const std::vector<double>& values, std::uint64_t seed)
  {
    RequireValues(values);
    return PatientBootstrap::FromAll(values.size(), seed)
      .EstimateInterval(GetMeanOf(values, MakeIndices(values.size())),
                        [&values](const std::vector<std::size_t>& sample) { return GetMeanOf(values, sample); });
  }

  Estimate EstimateMeanOfItems(const std::vector<std::vector<double>>& itemsOfPatients, std::uint64_t seed)
  {
    std::vector<double> sums;
    for (const std::vector<double>& items : itemsOfPatients)
    {
      RequireValues(items);
      sums.push_back(std::accumulate(items.begin(), items.end(), 0.0));
    }
    const auto getMean = [&](const std::vector<std::size_t>& sample)
    {
      double sum = 0;
      std::size_t count = 0;
      for (const std::size_t patient : sample)
      {
        sum += sums[patient];
        count += itemsOfPatients[patient].size();
      }
      return sum / static_cast<double>(count);
    };
    return PatientBootstrap::FromAll(sums.size(), seed).EstimateInterval(getMean(MakeIndices(sums.size())), getMean);
  }

  Comparison CompareMeans(const std::vector<double>& first, const std::vector<double>& second, std::uint64_t seed)
  {
    RequireValues(first);
    RequireValues(second);
    if (first.size() != second.size())
    {
      throw Error(ErrorCode::BadInput, "A paired comparison needs the same patients: there are " +
                                         std::to_string(first.size()) + " and " + std::to_string(second.size()));
    }
    std::vector<double> differences(first.size());
    std::transform(first.begin(), first.end(), second.begin(), differences.begin(), std::minus<>());
    return PatientBootstrap::FromAll(differences.size(), seed)
      .Compare(GetMeanOf(differences, MakeIndices(differences.size())),
               [&differences](const std::vector<std::size_t>& sample) { return GetMeanOf(differences, sample); });
  }

  Comparison CompareMeasure(const ScoredPatients& first, const ScoredPatients& second,
                            const std::function<double(const ScoredPatients&)>& measure, std::uint64_t seed)
  {
    first.RequireSamePatients(second);
    return PatientBootstrap::WithinClasses(first, seed)
      .Compare(measure(first) - measure(second), [&](const std::vector<std::size_t>& sample)
    { return measure(first.Select(sample)) - measure(second.Select(sample)); });
  }
}
