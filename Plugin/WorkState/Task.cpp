// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/Task.h"

#include "Inference/Protocol/Error.h"

#include <array>
#include <string>
#include <utility>

namespace H3K27M::WorkState
{
  namespace
  {
    constexpr std::array<std::pair<TaskState, std::string_view>, 7> STATES = {{{TaskState::Queued, "queued"},
                                                                               {TaskState::Running, "running"},
                                                                               {TaskState::Done, "done"},
                                                                               {TaskState::Failed, "failed"},
                                                                               {TaskState::Dead, "dead"},
                                                                               {TaskState::Cancelled, "cancelled"},
                                                                               {TaskState::Refused, "refused"}}};

    constexpr std::array<std::pair<Priority, std::string_view>, 3> PRIORITIES = {
      {{Priority::Backfill, "backfill"}, {Priority::Routine, "routine"}, {Priority::Urgent, "urgent"}}};

    template <typename Table, typename Value>
    std::string_view FindName(const Table& table, Value value) noexcept
    {
      for (const auto& [known, name] : table)
      {
        if (known == value)
        {
          return name;
        }
      }

      return "";
    }

    template <typename Table>
    auto FindValue(const Table& table, std::string_view text, const char* what)
    {
      for (const auto& [value, name] : table)
      {
        if (name == text)
        {
          return value;
        }
      }

      throw Error(ErrorCode::BadInput, "'" + std::string(text) + "' is no " + what);
    }
  }

  std::string_view ToString(TaskState state) noexcept
  {
    return FindName(STATES, state);
  }

  TaskState ParseTaskState(std::string_view text)
  {
    return FindValue(STATES, text, "state of a task");
  }

  std::string_view ToString(Priority priority) noexcept
  {
    return FindName(PRIORITIES, priority);
  }

  Priority ParsePriority(std::string_view text)
  {
    return FindValue(PRIORITIES, text, "priority");
  }
}
