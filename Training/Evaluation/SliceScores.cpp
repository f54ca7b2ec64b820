// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Evaluation/SliceScores.h"

#include "Inference/Network/Axes.h"
#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Statistics/PatientBootstrap.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

namespace H3K27M::Evaluation
{
  namespace
  {
    constexpr std::array SLICE_MEASURES = {"auroc", "sensitivity", "specificity", "accuracy"};

    bool LacksSlices(const CaseOutcome& outcome)
    {
      return outcome.hasTumour && outcome.oracleProbability && outcome.sliceProbabilities.empty();
    }

    class SliceScores
    {
    public:
      explicit SliceScores(const std::vector<CaseOutcome>& outcomes)
      {
        for (const CaseOutcome& outcome : outcomes)
        {
          if (outcome.hasTumour && !outcome.sliceProbabilities.empty())
          {
            for (const double probability : outcome.sliceProbabilities)
            {
              slices_.push_back({probability, isAltered_.size()});
            }
            isAltered_.push_back(outcome.genotype == Network::GENOTYPE_ALTERED);
          }
        }
        // Once: a sample changes how often a slice counts, not its rank.
        std::sort(slices_.begin(), slices_.end(), [](const Slice& a, const Slice& b) { return a.score < b.score; });
      }

      std::size_t CountSlices() const
      {
        return slices_.size();
      }

      const std::vector<bool>& GetTruth() const
      {
        return isAltered_;
      }

      bool HasBothGenotypes() const
      {
        return std::find(isAltered_.begin(), isAltered_.end(), true) != isAltered_.end() &&
               std::find(isAltered_.begin(), isAltered_.end(), false) != isAltered_.end();
      }

      // SLICE_MEASURES of the patients drawn, of both genotypes.
      std::vector<double> Measure(const std::vector<std::size_t>& sample, double threshold) const
      {
        std::vector<double> weights(isAltered_.size(), 0);
        for (const std::size_t patient : sample)
        {
          weights[patient] += 1;
        }
        double won = 0;
        double altered = 0;
        double wildType = 0;
        double foundAltered = 0;
        double foundWildType = 0;
        for (std::size_t first = 0; first < slices_.size();)
        {
          const double score = slices_[first].score;
          double tiedAltered = 0;
          double tiedWildType = 0;
          std::size_t next = first;
          for (; next < slices_.size() && slices_[next].score == score; next++)
          {
            const std::size_t patient = slices_[next].patient;
            (isAltered_[patient] ? tiedAltered : tiedWildType) += weights[patient];
          }
          won += tiedAltered * (wildType + tiedWildType / 2);
          altered += tiedAltered;
          wildType += tiedWildType;
          foundAltered += score > threshold ? tiedAltered : 0;
          foundWildType += score > threshold ? 0 : tiedWildType;
          first = next;
        }
        return {won / (altered * wildType), foundAltered / altered, foundWildType / wildType,
                (foundAltered + foundWildType) / (altered + wildType)};
      }

    private:
      struct Slice
      {
        double score;
        std::size_t patient;
      };

      std::vector<Slice> slices_;    // ascending
      std::vector<bool> isAltered_;  // [patient]
    };
  }

  Json::Value SummariseSlices(const std::vector<CaseOutcome>& outcomes, double threshold)
  {
    const SliceScores scores(outcomes);
    if (!scores.HasBothGenotypes() || std::any_of(outcomes.begin(), outcomes.end(), LacksSlices))
    {
      return {};
    }
    const std::size_t patients = scores.GetTruth().size();
    std::vector<std::size_t> all(patients);
    std::iota(all.begin(), all.end(), std::size_t{0});
    // The patients' own scores do not matter where whole patients are drawn.
    const Statistics::ScoredPatients classes(std::vector<double>(patients, 0), scores.GetTruth());
    const auto estimates =
      Statistics::PatientBootstrap::WithinClasses(classes, BOOTSTRAP_SEED)
        .EstimateIntervals(scores.Measure(all, threshold),
                           [&](const std::vector<std::size_t>& sample) { return scores.Measure(sample, threshold); });
    Json::Value json;
    json["patients"] = Json::UInt64{patients};
    json["slices"] = Json::UInt64{scores.CountSlices()};
    for (std::size_t i = 0; i < SLICE_MEASURES.size(); i++)
    {
      json[SLICE_MEASURES[i]] = estimates[i].ToJson();
    }
    return json;
  }
}
