// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/ReviewTerms.h"

#include "Plugin/Results/ReportCodes.h"

namespace H3K27M::Results
{
  template <>
  const std::vector<Term<ReviewDecision>>& GetTerms()
  {
    static const std::vector<Term<ReviewDecision>> terms = {
      {ReviewDecision::Accepted, "accepted", Codes::REVIEW_ACCEPTED},
      {ReviewDecision::Rejected, "rejected", Codes::REVIEW_REJECTED},
      {ReviewDecision::Corrected, "corrected", Codes::REVIEW_CORRECTED},
      {ReviewDecision::Uncertain, "uncertain", Codes::REVIEW_UNCERTAIN}};
    return terms;
  }
}
