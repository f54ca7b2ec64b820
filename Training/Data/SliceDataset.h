// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/PreprocessOptions.h"
#include "Training/Data/ICaseSource.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace H3K27M::Data
{
  // One slice on the network's grid, as it is kept in memory.
  struct StoredSlice
  {
    std::size_t caseIndex = 0;        // in the source
    std::int64_t genotype = 0;        // of the case
    std::size_t tumourPixels = 0;     // on the network's grid
    std::vector<std::uint8_t> image;  // [S, S]: intensity 0..1 times 255
    std::vector<std::uint8_t> mask;   // [S, S], 1 = tumour; empty in a slice without tumour
  };

  struct SliceDatasetOptions
  {
    std::size_t inputSize = 256;
    unsigned int threads = 1;  // the content does not depend on it
    Preprocess::Framing framing = Preprocess::Framing::Head;
  };

  // All slices that show the head, of all cases, preprocessed exactly as for inference (Preprocess::SliceTensor) and
  // kept in memory with 8 bits per pixel: 64 to 128 kB per slice of 256 x 256. Slices with fewer than ten pixels of
  // tumour on the network's grid, but some, are left out (ours, the paper's preset too). Immutable once built.
  class SliceDataset
  {
  public:
    // `onLoaded` is called with the number of cases done, from any of the threads, one at a time. Throws
    // Error(BadInput) with all cases that cannot be read or preprocessed, and whatever else UseAllCases() throws
    // (CheckedCases.h).
    SliceDataset(const ICaseSource& source, const SliceDatasetOptions& options,
                 const std::function<void(std::size_t)>& onLoaded);

    // The slices of the cases for which `keeps` [case of the source] is true: what a fold trains on. The slices
    // themselves are shared, not copied.
    SliceDataset Select(const std::vector<bool>& keeps) const;

    // All of the source, also those that Select() left out: what the indices below count in. To go through the slices
    // that were selected, take the lists.
    const std::vector<StoredSlice>& GetSlices() const noexcept
    {
      return *slices_;
    }

    std::size_t GetInputSize() const noexcept
    {
      return inputSize_;
    }

    // Indices of the slices with tumour of one genotype, and of those without tumour.
    const std::vector<std::size_t>& GetTumourSlices(std::int64_t genotype) const;

    const std::vector<std::size_t>& GetTumourFreeSlices() const noexcept
    {
      return tumourFree_;
    }

    // The same of both genotypes together, and of all slices, ascending.
    std::vector<std::size_t> ListTumourSlices() const;
    std::vector<std::size_t> ListSlices() const;

  private:
    std::size_t inputSize_;
    std::shared_ptr<const std::vector<StoredSlice>> slices_;
    std::vector<std::size_t> altered_;
    std::vector<std::size_t> wildType_;
    std::vector<std::size_t> tumourFree_;
  };

  // Whether a SliceDataset could be made of all cases: reads and preprocesses each, keeps none. For those that are
  // needed only later, after work that would be lost. Throws as the constructor does.
  void CheckCases(const ICaseSource& source, const SliceDatasetOptions& options,
                  const std::function<void(std::size_t)>& onChecked);
}
