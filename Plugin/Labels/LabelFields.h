// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Reports/FieldReader.h"
#include "Plugin/Results/GenotypeLabel.h"
#include "Plugin/WorkState/StudyLabel.h"

#include <json/value.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Labels
{
  // The fields of a label that a person sets, by their names in REST and CSV, in the order of the CSV's columns.
  inline constexpr std::array<const char*, 9> FIELDS = {"genotype", "assay",  "gene",      "site",   "pre_operative",
                                                        "split",    "reason", "annotator", "reviser"};

  // Those without which there is no label.
  inline constexpr std::array<const char*, 6> REQUIRED_FIELDS = {"genotype",      "assay", "site",
                                                                 "pre_operative", "split", "annotator"};

  // What a person puts: the label, and what that person had seen.
  struct LabelRequest
  {
    Results::GenotypeLabel label;

    // SOPInstanceUID of the label that was in force; empty: there was none. Without it nothing is asked.
    std::optional<std::string> replaces;
  };

  // A label from the body of a request, or from a line of CSV. Source and time are left to the caller. Throws
  // Error(BadInput) with every fault at once, each with its key: unknown keys, wrong types and values, what is missing,
  // what contradicts another field. Blanks at the ends of texts are dropped.
  LabelRequest ParseLabelRequest(const Json::Value& body);
  Results::GenotypeLabel ParseLabel(const Reports::FieldTexts& texts);

  // The label as the work store keeps it; identifiers are left to the caller.
  WorkState::StudyLabel ToStudyLabel(const Results::GenotypeLabel& label);

  // The values of FIELDS, as texts.
  std::vector<std::string> ListFields(const WorkState::StudyLabel& label);

  // Whether the fields that a person sets are equal, wherever the labels stand and whenever they were recorded.
  bool HaveEqualFields(const WorkState::StudyLabel& a, const WorkState::StudyLabel& b);
}
