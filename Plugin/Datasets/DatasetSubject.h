// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/NiftiWriter.h"
#include "Plugin/Routing/Contrast.h"

#include <map>
#include <string>
#include <vector>

namespace H3K27M::Datasets
{
  enum class DatasetContents
  {
    Labelled,   // cases with mask and genotype: for training and measuring
    Unlabelled  // images alone, of patients without a label: for pre-training
  };

  // "labelled", "unlabelled": in REST and in the manifest.
  constexpr const char* ToString(DatasetContents contents)
  {
    return contents == DatasetContents::Labelled ? "labelled" : "unlabelled";
  }

  // Studies by Orthanc's identifiers, those of one person together: what PatientID and issuer do not say.
  using StudyGroups = std::vector<std::vector<std::string>>;

  // What a data set is made of.
  struct DatasetRequest
  {
    DatasetContents contents = DatasetContents::Labelled;
    Routing::Contrast contrast = Routing::Contrast::T2w;
    StudyGroups samePatient{};
  };

  // One row of participants.tsv, with its images when it is not an excluded one.
  struct DatasetSubject
  {
    std::string id;                              // "sub-...": keyed hash of the patient's identity
    std::map<std::string, std::string> columns;  // of participants.tsv; what is not known is absent
    NiftiImage image;                            // without voxels: excluded
    NiftiImage mask;                             // on the same voxels, 1 = tumour; without voxels: not drawn
  };
}
