// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstddef>
#include <vector>

namespace H3K27M::Statistics
{
  // Two models that answer for the same patients: does one err more often? Only the patients count whom exactly one
  // model gets right; of n such, the number b that only the first gets right is binomial(n, 1/2) when none is better
  // (McNemar, 1947). Two p values, both two-sided:
  //   exact   twice the smaller tail, at most 1
  //   midP    the exact one less P(b), or 1 - P(b) / 2 where both numbers are equal (Fagerland, Lydersen and Laake,
  //           2013). The one to report: the exact one is far too cautious for few patients.
  // Without any such patient both are 1.
  struct McNemarTest
  {
    std::size_t onlyFirstIsRight = 0;
    std::size_t onlySecondIsRight = 0;
    double exactP = 1;
    double midP = 1;

    static McNemarTest FromCounts(std::size_t onlyFirstIsRight, std::size_t onlySecondIsRight);

    // Whether each model is right about each patient; a patient without an answer counts as not right.
    // Throws Error(BadInput) for different lengths or no patient.
    static McNemarTest Run(const std::vector<bool>& firstIsRight, const std::vector<bool>& secondIsRight);

    Json::Value ToJson() const;  // {only_first_is_right, only_second_is_right, p, p_text, p_exact}; p is midP
  };
}
