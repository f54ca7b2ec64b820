// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/LifeSign.h"

#include <algorithm>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::chrono::seconds LONGEST_GAP(5);  // between two looks that follow each other
  }

  LifeSign::LifeSign(const RunFolders& folders, std::string runId, std::chrono::milliseconds limit, TimePoint start) :
    folders_(folders),
    runId_(std::move(runId)),
    limit_(limit),
    looked_(start),
    said_(Read())
  {
  }

  Json::Value LifeSign::Read() const
  {
    const Json::Value progress = folders_.ReadProgress(runId_);
    return progress["alive_at"];
  }

  bool LifeSign::IsOverdue(TimePoint now)
  {
    const Json::Value says = Read();

    // A file that cannot be read says nothing.
    if (!says.isNull() && says != said_)
    {
      said_ = says;
      silence_ = {};
    }
    else
    {
      silence_ += std::min<std::chrono::steady_clock::duration>(now - looked_, LONGEST_GAP);
    }

    looked_ = now;
    return silence_ >= limit_;
  }
}
