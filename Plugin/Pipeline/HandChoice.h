// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <optional>
#include <string>

namespace H3K27M::WorkState
{
  class WorkStore;
}

namespace H3K27M::Pipeline
{
  // The series of a study that a person has chosen in place of the one that the rules would take. Kept in the work
  // store until it is withdrawn or the study goes; of no effect while the study does not hold that series.
  struct HandChoice
  {
    std::string seriesId;  // Orthanc identifier
    std::string by;        // the user; empty: the request named none
  };

  std::optional<HandChoice> FindHandChoice(WorkState::WorkStore& store, const std::string& studyId);

  // Takes the place of an earlier one.
  void SetHandChoice(WorkState::WorkStore& store, const std::string& studyId, const HandChoice& choice);

  // Throws Error(NotFound) where there is none.
  void WithdrawHandChoice(WorkState::WorkStore& store, const std::string& studyId);
}
