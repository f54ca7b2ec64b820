// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ContentDateTime.h"
#include "Plugin/Results/GenotypeLabel.h"
#include "Plugin/Results/PhantomDescription.h"
#include "Plugin/Results/ResultContext.h"
#include "Plugin/Results/SegWriter.h"
#include "Plugin/Volume/SourceSeries.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace H3K27M::Results
{
  // A phantom as a study: the MR instances, and the series as the writers of SEG and label want it.
  struct PhantomSeries
  {
    std::vector<DicomInstance> instances;  // one per slice, lowest first
    Volume::SourceSeries source;
    ModelInfo generator;                 // stands in for the model in a reference SEG
    ResultIdentity identity;             // of the reference SEG
    std::optional<GenotypeLabel> label;  // synthetic, for development; none without a tumour
    SegOptions reference;                // MANUAL, with the site that the generator chose
  };

  // Writes a synthetic volume as MR Image Storage, axial T2 spin echo. Patient PHANTOM^SYNTHETIC, ID
  // H3K27M-PHANTOM-<seed>, SeriesDescription "SYNTHETIC PHANTOM AX T2", (0028,0300) Quality Control Image YES,
  // (0008,001C) Synthetic Data YES: by these a router knows it. UIDs and all attributes but the time-dependent ones
  // follow from description and voxels alone (the study is dated 2000-01-01). `slices` are [rows, columns] uint16,
  // lowest first. Throws BadInput when number or size of the slices contradicts the description.
  PhantomSeries WritePhantomSeries(const PhantomDescription& description,
                                   const std::vector<std::vector<std::uint16_t>>& slices, const ContentDateTime& made);
}
