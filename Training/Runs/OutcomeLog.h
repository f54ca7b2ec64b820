// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"

#include <json/value.h>

#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // What an evaluation has found so far, one line of JSON a patient after one that says what it was computed with, so
  // that one that was interrupted goes on. A line that was cut off, and all behind it, do not count: they are taken out
  // by rename, so that none of the others is lost whatever happens.
  class OutcomeLog
  {
  public:
    // Reads what is there when `resumes` and it was computed with the same (`maker`: device, precision, ...); else
    // begins anew. Throws Error(Unavailable).
    OutcomeLog(std::filesystem::path path, const Json::Value& maker, bool resumes);

    // In the order in which they were appended.
    const std::vector<Evaluation::CaseOutcome>& GetKnown() const noexcept
    {
      return known_;
    }

    // Throws Error(Unavailable) when it cannot be written.
    void Append(const Evaluation::CaseOutcome& outcome) const;

  private:
    // False where the file cannot be appended to as it is: it is another maker's, or something was cut off.
    bool Read();

    std::filesystem::path path_;
    std::string maker_;  // the first line
    std::vector<Evaluation::CaseOutcome> known_;
  };
}
