// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/OutcomeLog.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Evaluation/OutcomesJson.h"

#include <fstream>
#include <string>
#include <utility>

namespace H3K27M::Runs
{
  OutcomeLog::OutcomeLog(std::filesystem::path path, bool resumes) :
    path_(std::move(path))
  {
    if (resumes)
    {
      Read();
    }
    Write(std::ios::trunc, known_);  // without what was cut off
  }

  void OutcomeLog::Read()
  {
    std::ifstream stream(path_, std::ios::binary);
    std::string line;
    while (std::getline(stream, line))
    {
      try
      {
        Json::Value list(Json::arrayValue);
        list.append(Protocol::ParseJson(line));
        known_.push_back(Evaluation::ReadOutcomes(list).front());
      }
      catch (const Error&)
      {
        return;
      }
    }
  }

  void OutcomeLog::Append(const Evaluation::CaseOutcome& outcome) const
  {
    Write(std::ios::app, {outcome});
  }

  void OutcomeLog::Write(std::ios::openmode mode, const std::vector<Evaluation::CaseOutcome>& outcomes) const
  {
    std::ofstream stream(path_, std::ios::binary | mode);
    for (const Evaluation::CaseOutcome& outcome : outcomes)
    {
      stream << Protocol::WriteCompactJson(Evaluation::WriteOutcome(outcome)) << '\n';
    }
    stream.close();
    if (!stream)
    {
      throw Error(ErrorCode::Unavailable, "Cannot write " + path_.string());
    }
  }
}
