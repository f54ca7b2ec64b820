// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string_view>
#include <vector>

namespace H3K27M::Statistics
{
  // The score of each patient beside the truth: what every measure of a classifier starts from. One entry per patient,
  // never per slice. Positive is the altered genotype. Immutable.
  //
  // Everywhere in this folder a patient is called positive when the score is strictly greater than the threshold.
  class ScoredPatients
  {
  public:
    // `scores`: the higher, the more probably positive; `isPositive`: the truth, in the same order. Throws
    // Error(BadInput): no patient, different lengths, a score that is not finite (the first one's index is named).
    ScoredPatients(std::vector<double> scores, std::vector<bool> isPositive);

    std::size_t GetCount() const noexcept
    {
      return scores_.size();
    }

    const std::vector<double>& GetScores() const noexcept
    {
      return scores_;
    }

    const std::vector<bool>& GetTruth() const noexcept
    {
      return isPositive_;
    }

    std::size_t GetPositives() const noexcept
    {
      return positives_;
    }

    std::size_t GetNegatives() const noexcept
    {
      return scores_.size() - positives_;
    }

    // The scores of one class, in the order of the patients.
    std::vector<double> GetScoresOf(bool isPositive) const;

    // Indices of all patients, the highest score first; ties in the order of the patients.
    std::vector<std::size_t> GetDescendingOrder() const;

    // These patients, one named twice standing in twice: a bootstrap sample. Indices below GetCount().
    ScoredPatients Select(const std::vector<std::size_t>& patients) const;

    // Throws Error(BadInput) naming `measure` when a class is empty.
    void RequireBothClasses(std::string_view measure) const;

    // Throws Error(BadInput) naming `measure` when a score lies outside 0..1.
    void RequireProbabilities(std::string_view measure) const;

    // Throws Error(BadInput) unless the truth is the same: paired comparisons need the same patients in the same order.
    void RequireSamePatients(const ScoredPatients& other) const;

  private:
    std::vector<double> scores_;
    std::vector<bool> isPositive_;
    std::size_t positives_;
  };
}
