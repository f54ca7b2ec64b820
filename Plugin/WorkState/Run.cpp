// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/Run.h"

#include "Inference/Protocol/Error.h"

#include <array>
#include <utility>

namespace H3K27M::WorkState
{
  namespace
  {
    constexpr std::array RUN_STATES{std::pair(RunState::Queued, std::string_view("queued")),
                                    std::pair(RunState::Running, std::string_view("running")),
                                    std::pair(RunState::Done, std::string_view("done")),
                                    std::pair(RunState::Failed, std::string_view("failed")),
                                    std::pair(RunState::Cancelled, std::string_view("cancelled"))};
  }

  std::string_view ToString(RunState state) noexcept
  {
    for (const auto& [value, name] : RUN_STATES)
    {
      if (value == state)
      {
        return name;
      }
    }

    return "failed";
  }

  std::optional<RunState> FindRunState(std::string_view name) noexcept
  {
    for (const auto& [value, known] : RUN_STATES)
    {
      if (known == name)
      {
        return value;
      }
    }

    return std::nullopt;
  }

  RunState ParseRunState(std::string_view name)
  {
    if (const std::optional<RunState> state = FindRunState(name))
    {
      return *state;
    }

    throw Error(ErrorCode::Corrupt, "Work store: a run in the unknown state '" + std::string(name) + "'");
  }
}
