// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Evaluation/CaseOutcome.h"

#include <json/value.h>

#include <vector>

namespace H3K27M::Evaluation
{
  // The genotype slice by slice, by protocol oracle: each slice with reference tumour is called by its own score, and
  // has the truth of its patient: {patients, slices, auroc, sensitivity, specificity, accuracy}. Intervals: bootstrap
  // of patients within each genotype, a patient drawn with all slices, because these resemble each other. Null unless
  // there are slices of both genotypes, and of every patient with an answer by this protocol: outcomes of an earlier
  // release keep none, and of a run that it began only those patients would count who were measured since.
  Json::Value SummariseSlices(const std::vector<CaseOutcome>& outcomes, double threshold);
}
