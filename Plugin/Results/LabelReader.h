// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/GenotypeLabel.h"

#include <optional>
#include <string_view>

class DcmDataset;

namespace H3K27M::Results
{
  // The label that WriteLabel() wrote; nothing when the dataset is not a label SR of ours (other modality, other
  // title). Throws Corrupt when it claims to be one and lacks a part, or holds what no label may.
  std::optional<GenotypeLabel> ReadLabel(const DcmDataset& dataset);

  // The same from the bytes of a DICOM file. Throws BadInput when they are none.
  std::optional<GenotypeLabel> ReadLabel(std::string_view dicomFile);
}
