// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Labels/CsvReader.h"
#include "Plugin/Labels/StudyLabels.h"

#include <atomic>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Labels
{
  struct ImportedLine
  {
    std::size_t line = 0;  // of the file, from 1; the header is the first
    std::string study;     // Orthanc identifier; as it was named where there is no such study
    bool changed = false;
    std::string refusal;  // empty: the line was taken
  };

  struct ImportReport
  {
    std::vector<ImportedLine> lines;
    std::size_t refused = 0;
    std::size_t changed = 0;
  };

  // Labels of many studies from one CSV: a header line, then one study a line, named by the column study or
  // StudyInstanceUID (by both, where they agree). The whole file is read through before anything is written; then each
  // line stands for itself, so that a file that was mended can be sent again. Thread-safe.
  class LabelImport
  {
  public:
    // The references must outlive this object.
    LabelImport(Archive::IArchive& archive, const StudyLabels& labels) :
      archive_(archive),
      labels_(labels)
    {
    }

    // Throws Error(BadInput) when the file is no CSV or its header is wrong, with every fault of the header at once;
    // Error(Unavailable) when Interrupt() was called meanwhile: the lines before stay taken. The audit has an entry of
    // `actor` for each label that was changed.
    ImportReport Run(std::string_view csv, bool dryRun, const WorkState::AuditActor& actor) const;

    // The plugin stops: an import under way ends after its line.
    void Interrupt() noexcept
    {
      interrupted_ = true;
    }

  private:
    std::string FindStudy(const std::string& studyId, const std::string& studyInstanceUid) const;

    // `lines` are those that were taken before, by study: a study stands in a file once.
    ImportedLine Take(const CsvRecord& record, const std::vector<std::string>& header, bool dryRun,
                      const WorkState::AuditActor& actor, std::map<std::string, std::size_t>& lines) const;

    Archive::IArchive& archive_;
    const StudyLabels& labels_;
    std::atomic<bool> interrupted_ = false;
  };
}
