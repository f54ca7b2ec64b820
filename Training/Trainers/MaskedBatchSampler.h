// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/Augmentation.h"
#include "Training/Data/SliceDataset.h"

#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace H3K27M::Trainers
{
  struct MaskedBatchOptions
  {
    std::size_t batchSize = 16;
    double maskRatio = 0.45;  // of the patches; the paper shows 0.40, 0.45 and 0.60
    Data::AugmentationOptions augmentation = Data::AugmentationOptions::Paper();
    std::uint64_t seed = 1;
  };

  struct MaskedBatch
  {
    torch::Tensor image;      // [N, 3, S, S] float32, normalised, channels-last: what is to be reconstructed
    torch::Tensor masked;     // the same with the masked patches at zero intensity, which is -mean / deviation
    torch::Tensor patchMask;  // [N, (S/16)^2] float32, 1 = masked
  };

  // What a batch is made of, on the CPU, made without LibTorch's own threads: a thread that draws must not start more.
  struct DrawnImages
  {
    torch::Tensor image;      // [N, 1, S, S] float32, normalised
    torch::Tensor patchMask;  // as the batch's
  };

  // Masks patches of 16 x 16 pixels of images [N, 3, S, S]: zero intensity, before the normalisation (science of the
  // published code; parity/). `patchMask` as in MaskedBatch.
  torch::Tensor MaskPatches(const torch::Tensor& image, const torch::Tensor& patchMask);

  // [1, (S/16)^2]: round(ratio x patches) of them masked, at least one and not all, drawn from seed and step alone.
  torch::Tensor DrawPatchMask(std::int64_t size, double ratio, std::uint64_t seed, std::uint64_t step);

  // Draws batches for pre-training from all slices of the data, labelled or not, each as probable as any other. Batch k
  // depends on the seed and k alone.
  class MaskedBatchSampler
  {
  public:
    // `dataset` must outlive this object. Throws Error(BadInput) when it holds no slice or an option is out of range.
    MaskedBatchSampler(const Data::SliceDataset& dataset, const MaskedBatchOptions& options);

    DrawnImages DrawSlices(std::size_t step) const;

    // Masked and spread over the network's channels, on `device`.
    MaskedBatch Assemble(const DrawnImages& images, torch::Device device) const;

    // Both, on the CPU.
    MaskedBatch Draw(std::size_t step) const;

  private:
    const Data::SliceDataset& dataset_;
    MaskedBatchOptions options_;
    std::vector<std::size_t> slices_;
  };
}
