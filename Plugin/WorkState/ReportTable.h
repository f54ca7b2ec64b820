// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/SociSession.h"
#include "Plugin/WorkState/StudyLabel.h"
#include "Plugin/WorkState/StudyMask.h"
#include "Plugin/WorkState/StudyReview.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::WorkState
{
  class Connections;

  // All SQL of a table that copies the reports in force, one for each study (Row: StudyLabel, StudyReview, StudyMask).
  // An earlier report never replaces a later one, so that whoever looks at the PACS may put what it found; what is
  // removed is named, so that a later one stays. Stateless; each call is one statement. Thread-safe.
  template <typename Row>
  class ReportTable
  {
  public:
    // `connections` must outlive this object.
    explicit ReportTable(Connections& connections) :
      connections_(connections)
    {
    }

    void Put(const Row& report);
    bool Remove(const std::string& studyId, const std::string& instanceId);

    // The report of a study that is gone, in a transaction of others.
    static void Remove(soci::session& session, const std::string& studyId);

    std::optional<Row> Find(const std::string& studyId);
    std::optional<Row> FindBySeries(const std::string& seriesId);
    std::map<std::string, Row> FindAll(const std::vector<std::string>& studyIds);  // by study
    std::vector<Row> List(const ReportQuery& query);
    std::uint64_t Count();

  private:
    std::optional<Row> FindOne(const char* column, const std::string& key);

    Connections& connections_;
  };

  using LabelTable = ReportTable<StudyLabel>;
  using ReviewTable = ReportTable<StudyReview>;
  using MaskTable = ReportTable<StudyMask>;

  extern template class ReportTable<StudyLabel>;
  extern template class ReportTable<StudyReview>;
  extern template class ReportTable<StudyMask>;
}
