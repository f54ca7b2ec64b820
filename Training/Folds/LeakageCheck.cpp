// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Folds/LeakageCheck.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace H3K27M::Folds
{
  namespace
  {
    constexpr std::size_t MOST_NAMED = 10;
  }

  void RefuseSharedPatients(const std::vector<std::string>& training, const std::vector<std::string>& heldOut)
  {
    const std::set<std::string> one(training.begin(), training.end());
    const std::set<std::string> other(heldOut.begin(), heldOut.end());
    std::vector<std::string> shared;
    std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(shared));
    if (shared.empty())
    {
      return;
    }
    std::string names;
    for (std::size_t i = 0; i < std::min(shared.size(), MOST_NAMED); i++)
    {
      names += (i == 0 ? "" : ", ") + shared[i];
    }
    throw Error(ErrorCode::BadInput, "Patients for training and for evaluation must be different ones; " +
                                       std::to_string(shared.size()) + " on both sides: " + names +
                                       (shared.size() > MOST_NAMED ? ", ..." : ""));
  }
}
