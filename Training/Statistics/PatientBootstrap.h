// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"
#include "Training/Statistics/ScoredPatients.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace H3K27M::Statistics
{
  // The bootstrap over patients (Efron and Tibshirani, 1993): 2,000 samples, each of as many patients as there are,
  // drawn with replacement. Intervals are percentiles, 2.5 and 97.5, with linear interpolation between order
  // statistics: they stay within the measure's range and are defined in every sample, where the acceleration of BCa is
  // not (a measure that no single patient changes). Samples that all have the same value make no interval: that value
  // stands at both ends, and `method` says so. Seeded: equal seeds give equal bits on every machine.
  class PatientBootstrap
  {
  public:
    static constexpr std::size_t SAMPLES = 2000;

    // Indices of the patients drawn.
    using Statistic = std::function<double(const std::vector<std::size_t>&)>;

    // Several statistics of the patients drawn, as the heights of a curve at fixed places.
    using Curve = std::function<std::vector<double>(const std::vector<std::size_t>&)>;

    // From all patients alike. Throws Error(BadInput) when there is none.
    static PatientBootstrap FromAll(std::size_t patients, std::uint64_t seed);

    // Within each class, so that every sample has as many positives as the data and both classes where they have.
    static PatientBootstrap WithinClasses(const ScoredPatients& patients, std::uint64_t seed);

    // Within each class of each group, as of a fold. `groups` [patient]. Throws Error(BadInput) for another number.
    static PatientBootstrap WithinGroups(const ScoredPatients& patients, const std::vector<std::size_t>& groups,
                                         std::uint64_t seed);

    // `value`: the statistic of the patients themselves.
    Estimate EstimateInterval(double value, const Statistic& statistic) const;

    // The same for each of several statistics, in one pass over the samples. Each interval holds for its own statistic,
    // not for all of them at once. Throws Error(Internal) when `curve` gives another number of them than `values` has.
    std::vector<Estimate> EstimateIntervals(const std::vector<double>& values, const Curve& curve) const;

    // A paired difference, first minus second, each computed on the same drawn patients. Two-sided p from the samples
    // on either side of 0: 2 min(1 + #{d <= 0}, 1 + #{d >= 0}) / 2001, at most 1 (Davison and Hinkley, 1997); none
    // where all samples are alike and not 0.
    Comparison Compare(double difference, const Statistic& statistic) const;

  private:
    // `method`: how patients are drawn, in words.
    PatientBootstrap(std::vector<std::vector<std::size_t>> strata, std::string method, std::uint64_t seed);

    void ForEachSample(const std::function<void(const std::vector<std::size_t>&)>& use) const;

    // Ascending.
    std::vector<double> Draw(const Statistic& statistic) const;
    Estimate MakeEstimate(double value, const std::vector<double>& ascending) const;

    std::vector<std::vector<std::size_t>> strata_;
    std::string method_;
    std::uint64_t seed_;
  };

  // The mean over patients (of Dice, of squared errors). Throws Error(BadInput) when `values` is empty or holds a value
  // that is not finite.
  Estimate EstimateMean(const std::vector<double>& values, std::uint64_t seed);

  // The mean over all items of all patients (over slices); a patient is drawn with all of its items, because these
  // resemble each other. Throws Error(BadInput) as above, and when a patient has no item.
  Estimate EstimateMeanOfItems(const std::vector<std::vector<double>>& itemsOfPatients, std::uint64_t seed);

  // Paired difference of two means of the same patients. Throws Error(BadInput) as above, and for different lengths.
  Comparison CompareMeans(const std::vector<double>& first, const std::vector<double>& second, std::uint64_t seed);

  // Paired difference of a measure of two models on the same patients, drawn within each class.
  // Throws Error(BadInput) when the patients differ, and what `measure` throws.
  Comparison CompareMeasure(const ScoredPatients& first, const ScoredPatients& second,
                            const std::function<double(const ScoredPatients&)>& measure, std::uint64_t seed);
}
