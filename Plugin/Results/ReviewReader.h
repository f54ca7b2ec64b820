// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/CaseReview.h"

#include <optional>

class DcmDataset;

namespace H3K27M::Results
{
  // The review that WriteReview() wrote; nothing when the dataset is not a review SR of ours (other modality, other
  // title). Throws Corrupt when it claims to be one and lacks a part, or holds what no review may.
  std::optional<CaseReview> ReadReview(const DcmDataset& dataset);
}
