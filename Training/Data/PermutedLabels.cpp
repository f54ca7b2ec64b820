// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/PermutedLabels.h"

#include "Inference/Network/Axes.h"
#include "Inference/Phantom/RandomSource.h"

namespace H3K27M::Data
{
  namespace
  {
    constexpr std::uint64_t STREAM = 0x7065726dULL;

    void Shuffle(std::vector<std::size_t>& cases, Phantom::RandomSource& random)
    {
      for (std::size_t i = cases.size(); i > 1; i--)
      {
        std::swap(cases[i - 1], cases[random.Index(static_cast<unsigned int>(i))]);
      }
    }

    // How many of the altered stay altered, so that the labels given say nothing about the true ones: the share of the
    // altered among all. A share that is no whole number is rounded by the throw of a coin, so no seed leans one way.
    std::size_t ChooseKept(std::size_t altered, std::size_t all, Phantom::RandomSource& random)
    {
      const std::size_t whole = altered * altered / all;
      const double rest = static_cast<double>(altered * altered % all) / static_cast<double>(all);
      return whole + (random.Chance(rest) ? 1 : 0);
    }
  }

  PermutedLabels::PermutedLabels(const BidsCaseSource& source, std::uint64_t seed) :
    source_(source),
    seed_(seed)
  {
    std::vector<std::size_t> altered;
    std::vector<std::size_t> wildType;
    for (std::size_t i = 0; i < source.GetCount(); i++)
    {
      genotypes_.push_back(source.GetSubject(i).genotype);
      if (genotypes_.back())
      {
        (*genotypes_.back() == Network::GENOTYPE_ALTERED ? altered : wildType).push_back(i);
      }
    }
    if (altered.empty() || wildType.empty())
    {
      return;
    }
    Phantom::RandomSource random(seed, STREAM);
    Shuffle(altered, random);
    Shuffle(wildType, random);
    const std::size_t exchanged = altered.size() - ChooseKept(altered.size(), altered.size() + wildType.size(), random);
    for (std::size_t i = 0; i < exchanged; i++)
    {
      std::swap(genotypes_[altered[i]], genotypes_[wildType[i]]);
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
