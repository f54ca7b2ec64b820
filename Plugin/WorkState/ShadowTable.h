// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"
#include "Plugin/WorkState/ShadowResult.h"
#include "Plugin/WorkState/SociSession.h"
#include "Plugin/WorkState/Task.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::WorkState
{
  class Connections;

  // All SQL of h3k27m_shadow, one row for each candidate and study. Each call is one statement; thread-safe.
  class ShadowTable
  {
  public:
    static constexpr std::size_t MAX_PAGE = 10'000;

    // Both must outlive this object.
    ShadowTable(Connections& connections, const Support::IClock& clock);

    // Of the studies that were finished at `since` or later, and since the candidate last looked at them, if ever, the
    // one that was finished first. Two servers may be given the same one, and record the same.
    std::optional<Task> FindNext(const ShadowModel& candidate, UnixMs since);

    // Takes the place of an earlier answer of the same candidate.
    void Put(const ShadowResult& result);

    // The newest first. Throws Error(BadInput) for more than MAX_PAGE.
    std::vector<ShadowResult> List(const ShadowModel& candidate, std::size_t limit);

    // Within a transaction: what candidates said about a study.
    static void Remove(soci::session& session, const std::string& studyId);

  private:
    Connections& connections_;
    const Support::IClock& clock_;
  };
}
