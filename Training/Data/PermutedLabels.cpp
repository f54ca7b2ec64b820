// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/PermutedLabels.h"

#include "Inference/Phantom/RandomSource.h"

#include <map>
#include <utility>

namespace H3K27M::Data
{
  namespace
  {
    constexpr std::uint64_t STREAM = 0x7065726dULL;
  }

  PermutedLabels::PermutedLabels(const BidsCaseSource& source, const std::vector<std::size_t>& groups,
                                 std::uint64_t seed) :
    source_(source),
    seed_(seed)
  {
    std::map<std::size_t, std::vector<std::size_t>> labelled;  // cases by group
    for (std::size_t i = 0; i < source.GetCount(); i++)
    {
      genotypes_.push_back(source.GetSubject(i).genotype);
      if (genotypes_.back())
      {
        labelled[groups.at(i)].push_back(i);
      }
    }

    Phantom::RandomSource random(seed, STREAM);
    for (const auto& [group, cases] : labelled)
    {
      for (std::size_t i = cases.size(); i > 1; i--)
      {
        std::swap(genotypes_[cases[i - 1]], genotypes_[cases[random.Index(static_cast<unsigned int>(i))]]);
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
