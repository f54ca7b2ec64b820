// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::WorkState
{
  // UPDATE `table` of what waits until "not_before" or is held until "lease_end", by a clock that was set back to :now
  // by :by ms since: what lies ahead comes as much sooner. Where `condition` holds, and once for each row, which was
  // last updated ahead of the clock.
  inline std::string GetShortenWaits(const std::string& table, const std::string& condition)
  {
    return "UPDATE " + table +
           " SET not_before = CASE WHEN not_before > :now THEN not_before - :by ELSE not_before END, lease_end = CASE "
           "WHEN lease_end > :now THEN lease_end - :by ELSE lease_end END, updated_at = :now WHERE " +
           condition + " AND updated_at > :now AND (not_before > :now OR lease_end > :now)";
  }
}
