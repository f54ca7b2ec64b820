// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/BidsCaseSource.h"

#include <cstdint>
#include <vector>

namespace H3K27M::Data
{
  // The cases of another source with their genotypes shuffled between them, seeded: as many altered as before, images
  // and masks untouched. A control: what is trained on these knows nothing, and a measure on others that says otherwise
  // has a leak. Shuffled within groups (the folds), and so that in each either true genotype gets its share of both
  // labels (to one case): a free shuffle of 50 patients, or of the 25 that a fold trains on, often agrees with the
  // truth in 60 % by chance, a network learns that, and the control would blame a sound pipeline. Tumour-free cases
  // keep what they have.
  class PermutedLabels : public ICaseSource
  {
  public:
    // `source` must outlive this object. `groups`: of each case of it, that of the fold that holds it out, say.
    PermutedLabels(const BidsCaseSource& source, const std::vector<std::size_t>& groups, std::uint64_t seed);

    std::size_t GetCount() const override
    {
      return source_.GetCount();
    }

    TrainingCase Load(std::size_t index) const override;

    // With {control: "permuted labels", seed}.
    Json::Value Describe() const override;

  private:
    const BidsCaseSource& source_;
    std::uint64_t seed_;
    std::vector<std::optional<std::int64_t>> genotypes_;
  };
}
