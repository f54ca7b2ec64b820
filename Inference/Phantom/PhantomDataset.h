// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/PhantomVolume.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

namespace H3K27M::Phantom
{
  class TissueAtlas;

  // What to write: `count` phantoms with the seeds firstSeed, firstSeed + 1, ...
  struct PhantomDatasetOptions
  {
    std::filesystem::path folder;
    std::uint64_t firstSeed = 1;
    unsigned int count = 1;
    double tumourFreeShare = 0.2;      // 0..1, spread evenly; the others are altered and wild type in turn
    double signalStrength = 1.0;       // 0..1
    unsigned int maximumMatrix = 256;  // largest number of rows and columns that is drawn
    unsigned int threads = 1;          // of WritePhantomDataset(); the files do not depend on it

    // Throws Error(BadInput) for a value out of its range, or when the seeds would pass the end of 64 bits. The folder
    // is not looked at.
    void Check() const;
  };

  // The parameters of the phantom at `index` of such a series: the same whether it is written to a folder or generated
  // in memory by a training run.
  PhantomParameters GetSeriesMember(const PhantomDatasetOptions& options, unsigned int index);

  // Writes a BIDS folder: participants.tsv (participant_id, h3k27m_status, site, ...), sub-*/anat/*_T2w.nii.gz with its
  // JSON sidecar, derivatives/phantom/sub-*/anat/*_dseg.nii.gz (1 = tumour). The folder must be empty or absent.
  // `onWritten` is called after each phantom with the number done, from any of the threads, one at a time.
  // Throws Error(BadInput, Conflict or Unavailable).
  void WritePhantomDataset(const PhantomDatasetOptions& options, std::shared_ptr<const TissueAtlas> atlas,
                           const std::function<void(unsigned int)>& onWritten);
}
