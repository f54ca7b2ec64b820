// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/FieldFault.h"
#include "Plugin/Results/Prediction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Results
{
  // How the status was found.
  enum class Assay
  {
    Pyrosequencing,  // of a gene
    Immunohistochemistry,
    Other
  };

  // Where pyrosequencing looked for the mutation: names of the genes as the paper has them.
  enum class HistoneGene
  {
    H3F3A,
    HIST1H3B
  };

  // What the case is for: training and cross-validation, the external test, or neither.
  enum class DatasetSplit
  {
    Development,
    External,
    Excluded
  };

  // Why a case is for neither (the paper's criteria, science.md).
  enum class ExclusionReason
  {
    PriorSurgery,
    Radiation,
    Chemotherapy,
    MissingSequence,
    Artefact,
    Other
  };

  // What is known of a patient's H3 K27M status from outside the image: the ground truth of training and evaluation.
  struct GenotypeLabel
  {
    GenotypeStatus status = GenotypeStatus::NotDetermined;  // Altered or WildType; NotDetermined is refused
    Assay assay = Assay::Other;
    std::optional<HistoneGene> gene;  // of pyrosequencing, and of nothing else
    std::string site;                 // institution that the case comes from; UTF-8
    bool preOperative = false;        // the images were taken before any surgery
    DatasetSplit split = DatasetSplit::Development;
    std::optional<ExclusionReason> exclusion;  // of excluded cases, and of no others
    std::string annotator;                     // who says so; UTF-8. Our own name: software does
    std::string reviser;                       // who checked it; UTF-8, may be empty

    std::string source;             // how it came here: a route, a file, a generator; UTF-8
    std::int64_t recordedAtMs = 0;  // when, in milliseconds since 1970 UTC
    bool synthetic = false;         // of a phantom: planted, never measured

    bool operator==(const GenotypeLabel&) const = default;
  };

  // Every fault, not only the first: a status that is none, texts that are empty, too long or more than one line of
  // UTF-8, a gene or a reason that does not belong, an impossible time.
  std::vector<FieldFault> FindFaults(const GenotypeLabel& label);
}
