// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/BidsCaseSource.h"

#include <cstdint>
#include <vector>

namespace H3K27M::Data
{
  // The cases of another source with their genotypes shuffled between them, seeded: as many altered as before, in each
  // group and as a whole, images and masks untouched. A control: neither an image nor a mask knows of these labels, and
  // a measure on cases held out that says otherwise has a leak. To be used for those who train and those who are
  // measured alike: networks that learn labels by chance still sort patients by what their images show, and against
  // true labels an AUROC would lie far from 0.5 to either side, further than an interval of one network allows for.
  // Tumour-free cases keep what they have.
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
