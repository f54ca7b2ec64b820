// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/CaseReview.h"
#include "Plugin/Results/ContentDateTime.h"
#include "Plugin/Results/ResultContext.h"

class DcmDataset;

namespace H3K27M::Results
{
  // Writes a review as an Enhanced SR of the study: COMPLETE, VERIFIED by the reviewer (PS3.3 C.17.2), with the objects
  // that were looked at as evidence, and the model's report and the review before it as predecessors. `studyHeader` is
  // the dataset of any instance of the study: patient and study attributes are copied from it. UIDs follow from study
  // and review alone. Throws BadInput when FindFaults() finds one, or the header names no study.
  DicomInstance WriteReview(const DcmDataset& studyHeader, const CaseReview& review, const ContentDateTime& made);
}
