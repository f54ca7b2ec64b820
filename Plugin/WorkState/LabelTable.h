// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/StudyLabel.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::WorkState
{
  class Connections;

  // All SQL of h3k27m_labels. Stateless; each call is one statement.
  class LabelTable
  {
  public:
    // `connections` must outlive this object.
    explicit LabelTable(Connections& connections);

    void Put(const StudyLabel& label);
    bool Remove(const std::string& studyId, const std::string& instanceId);
    std::optional<StudyLabel> Find(const std::string& studyId);
    std::optional<StudyLabel> FindBySeries(const std::string& seriesId);
    std::map<std::string, StudyLabel> Find(const std::vector<std::string>& studyIds);
    std::vector<StudyLabel> List(const LabelQuery& query);
    std::uint64_t Count();

  private:
    Connections& connections_;
  };
}
