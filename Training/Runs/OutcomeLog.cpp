// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/OutcomeLog.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Evaluation/OutcomesJson.h"

#include <fstream>
#include <span>
#include <string>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    std::string MakeLine(const Evaluation::CaseOutcome& outcome)
    {
      return Protocol::WriteCompactJson(Evaluation::WriteOutcome(outcome)) + "\n";
    }
  }

  OutcomeLog::OutcomeLog(std::filesystem::path path, const Json::Value& maker, bool resumes) :
    path_(std::move(path)),
    maker_(Protocol::WriteCompactJson(maker))
  {
    if (resumes && Read())
    {
      return;
    }
    std::string text = maker_ + "\n";
    for (const Evaluation::CaseOutcome& outcome : known_)
    {
      text += MakeLine(outcome);
    }
    Protocol::WriteFileAtomically(path_, std::as_bytes(std::span(text)));
  }

  bool OutcomeLog::Read()
  {
    std::ifstream stream(path_, std::ios::binary);
    std::string line;
    if (!std::getline(stream, line) || line != maker_)
    {
      return false;
    }
    bool endsInALine = !stream.eof();
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
        return false;
      }
      endsInALine = !stream.eof();
    }
    return endsInALine;
  }

  void OutcomeLog::Append(const Evaluation::CaseOutcome& outcome) const
  {
    std::ofstream stream(path_, std::ios::binary | std::ios::app);
    stream << MakeLine(outcome);
    stream.close();
    if (!stream)
    {
      throw Error(ErrorCode::Unavailable, "Cannot write " + path_.string());
    }
  }
}
