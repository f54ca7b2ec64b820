// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace H3K27M::Reports
{
  // Where the steps of one unit's training lie when its stages follow each other.
  class StepPositions
  {
  public:
    // Counted from the beginning of the first stage. Of each `step` event, in their order. Events of earlier releases
    // do not say it, and do not tell stages of one size and length apart.
    std::int64_t Locate(const Json::Value& event)
    {
      const std::pair<std::int64_t, std::int64_t> stage(event["input_size"].asInt64(), event["of"].asInt64());
      const std::int64_t offset = offsets_.try_emplace(stage, end_).first->second;
      const Json::Value& inAll = event["step_in_all"];
      const std::int64_t position = inAll.isInt64() ? inAll.asInt64() : offset + event["step"].asInt64();
      end_ = std::max({end_, position, offset + stage.second});
      return position;
    }

  private:
    // Steps before each stage, which its input size and its number of steps tell: a resumed run may go back into the
    // one before.
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> offsets_;
    std::int64_t end_ = 0;  // of the last stage that has begun
  };
}
