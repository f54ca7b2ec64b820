// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <set>
#include <string>

namespace H3K27M::Masks
{
  // Which of several labels of a file is the tumour: nobody guesses. An empty wish takes the only one there is, "*"
  // takes all together, anything else the label of that name.
  class LabelChoice
  {
  public:
    explicit LabelChoice(std::string wanted = {}) :
      wanted_(std::move(wanted))
    {
    }

    bool Takes(const std::string& label) const
    {
      return wanted_.empty() || wanted_ == "*" || wanted_ == label;
    }

    // Throws Error(BadInput), which names the labels, when the wish does not pick one of those that are there.
    void Check(const std::set<std::string>& labels) const;

  private:
    std::string wanted_;
  };

  // "a", "b", "c"; cut where it becomes long.
  std::string QuoteAll(const std::set<std::string>& names);
}
