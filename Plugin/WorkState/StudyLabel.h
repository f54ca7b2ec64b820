// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/StudyReport.h"

#include <string>

namespace H3K27M::WorkState
{
  // The label in force of one study, as the store keeps it. Coded fields hold their names in REST; an empty text is a
  // field that is absent.
  struct StudyLabel : StudyReport
  {
    std::string genotype;
    std::string assay;
    std::string gene;
    std::string site;
    bool preOperative = false;
    std::string split;
    std::string reason;  // of the exclusion
    std::string annotator;
    std::string reviser;

    std::string source;
    bool synthetic = false;

    bool operator==(const StudyLabel&) const = default;
  };

  // Which studies, by the label in force.
  enum class LabelFilter
  {
    None,
    Any,
    Altered,
    WildType
  };
}
