// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/ChangeLogCursor.h"

#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace H3K27M::Pipeline
{
  // Reads the archive's change log from a place on, shows each study that something came to once a page, and moves the
  // cursor behind each page that was shown. One thread.
  class ChangeLogSweep
  {
  public:
    // Looks at a study and makes sure that the work store knows it; what it saw, nothing when the study is gone.
    using Examine = std::function<std::optional<Archive::StudySnapshot>(const std::string& studyId)>;

    // Called between two studies, for what must not wait.
    using Interlude = std::function<void(const std::stop_token& stop)>;

    // The references must outlive this object.
    ChangeLogSweep(Archive::IArchive& archive, ChangeLogCursor& cursor, Examine examine, Interlude interlude);

    // What `examine` throws and can be tried again ends it, before the cursor moves; what cannot is logged.
    void Run(std::int64_t since, const std::stop_token& stop);

  private:
    void ReadPage(const Archive::ChangePage& page, const std::stop_token& stop);
    void TryShow(const Archive::Change& change, std::set<std::string>& known);
    void Show(const Archive::Change& change, std::set<std::string>& known);

    Archive::IArchive& archive_;
    ChangeLogCursor& cursor_;
    Examine examine_;
    Interlude interlude_;
  };
}
