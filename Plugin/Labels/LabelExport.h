// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/WorkStore.h"

#include <string>

namespace H3K27M::Labels
{
  struct ExportedPage
  {
    std::string csv;   // with the header line
    std::string next;  // ReportQuery::after of the next page; empty when this is the last
  };

  // The labels of the work store as CSV: study, StudyInstanceUID, FIELDS, recorded, synthetic. No patient's name or
  // identifier. A page bounds the memory; LabelImport takes each one as it is.
  ExportedPage ExportLabels(WorkState::WorkStore& store, const WorkState::ReportQuery& query);
}
