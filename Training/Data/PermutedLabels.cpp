// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/PermutedLabels.h"

#include "Inference/Network/Axes.h"
#include "Inference/Phantom/RandomSource.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace H3K27M::Data
{
  namespace
  {
    constexpr std::uint64_t STREAM = 0x7065726dULL;

    // The labelled cases of one group by their true genotype.
    struct Stratum
    {
      std::vector<std::size_t> altered;
      std::vector<std::size_t> wildType;
    };

    void Shuffle(std::vector<std::size_t>& cases, Phantom::RandomSource& random)
    {
      for (std::size_t i = cases.size(); i > 1; i--)
      {
        std::swap(cases[i - 1], cases[random.Index(static_cast<unsigned int>(i))]);
      }
    }
  }

  PermutedLabels::PermutedLabels(const BidsCaseSource& source, const std::vector<std::size_t>& groups,
                                 std::uint64_t seed) :
    source_(source),
    seed_(seed)
  {
    std::map<std::size_t, Stratum> strata;
    for (std::size_t i = 0; i < source.GetCount(); i++)
    {
      const std::optional<std::int64_t>& genotype = source.GetSubject(i).genotype;
      genotypes_.push_back(genotype);
      if (genotype)
      {
        Stratum& stratum = strata[groups.at(i)];
        (*genotype == Network::GENOTYPE_ALTERED ? stratum.altered : stratum.wildType).push_back(i);
      }
    }

    Phantom::RandomSource random(seed, STREAM);
    // In each group as many labels change hands as leave no trace of the truth: altered * wild type / all, seldom a
    // whole number. What is rounded off in one group is carried to the next, from a start by chance, so that neither
    // the whole nor a seed leans one way.
    double wanted = random.Uniform();
    for (auto& [group, stratum] : strata)
    {
      Shuffle(stratum.altered, random);
      Shuffle(stratum.wildType, random);
      const double before = std::floor(wanted);
      const auto altered = static_cast<double>(stratum.altered.size());
      const auto wildType = static_cast<double>(stratum.wildType.size());
      wanted += altered * wildType / (altered + wildType);
      const auto exchanged = static_cast<std::size_t>(std::floor(wanted) - before);
      for (std::size_t i = 0; i < std::min({exchanged, stratum.altered.size(), stratum.wildType.size()}); i++)
      {
        std::swap(genotypes_[stratum.altered[i]], genotypes_[stratum.wildType[i]]);
      }
    }
  }

  TrainingCase PermutedLabels::Load(std::size_t index) const
  {
    TrainingCase loaded = source_.Load(index);
    loaded.genotype = genotypes_.at(index).value_or(loaded.genotype);
    return loaded;
  }

  Json::Value PermutedLabels::Describe() const
  {
    Json::Value description = source_.Describe();
    description["control"] = "permuted labels";
    description["control_seed"] = Json::UInt64{seed_};
    return description;
  }
}
