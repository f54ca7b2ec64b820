// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/Augmentation.h"
#include "Training/Data/SliceDataset.h"
#include "Training/Objectives/CoTrainingLoss.h"

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace H3K27M::Trainers
{
  struct BatchOptions
  {
    std::size_t batchSize = 8;
    double tumourFreeShare = 0.25;  // of the slices of a batch; 0 in the paper. Inference sees whole heads
    bool isBalanced = true;  // as many altered as wild-type slices; false, the paper's: each slice once in an epoch
    Data::AugmentationOptions augmentation;
    std::int64_t shrink = 1;  // the batch is this many times smaller than the data: for a first stage on small images
    std::uint64_t seed = 1;

    // How many slices of a batch show tumour: the share is rounded to whole slices.
    std::size_t CountWithTumour() const;
  };

  struct Batch
  {
    torch::Tensor image;  // [N, 3, S / shrink, S / shrink] float32, channels-last
    Objectives::CoTrainingTarget target;
  };

  // What a batch is made of, on the CPU, made without LibTorch's own threads: a thread that draws must not start more.
  struct DrawnSlices
  {
    torch::Tensor image;     // [N, 1, S, S] float32
    torch::Tensor mask;      // [N, S, S] uint8, 1 = tumour
    torch::Tensor label;     // [N] int64, the case's genotype
    torch::Tensor hasClass;  // [N] float32, 1 for a slice with tumour
  };

  // Draws batches: a stated share of tumour-free slices, the others half altered and half wild type whatever the data
  // set's proportions, or, not balanced, all slices with tumour one after the other, in another order in each epoch.
  // Batch k depends on the seed and k alone, so a run can be resumed at any step. Several threads may draw at once.
  class BatchSampler
  {
  public:
    // `dataset` must outlive this object. Throws Error(BadInput) when it lacks slices of one kind, and
    // when a batch would hold none with tumour.
    BatchSampler(const Data::SliceDataset& dataset, const BatchOptions& options);

    DrawnSlices DrawSlices(std::size_t step) const;

    // Shrunk, spread over the network's channels, on `device`.
    Batch Assemble(const DrawnSlices& slices, torch::Device device) const;

    // Both, on the CPU.
    Batch Draw(std::size_t step) const;

  private:
    using Order = std::shared_ptr<const std::vector<std::size_t>>;  // shared: of threads that draw at once

    Order GetOrder(std::size_t epoch) const;
    std::vector<std::size_t> ListInTurn(std::size_t step) const;

    const Data::SliceDataset& dataset_;
    BatchOptions options_;
    std::vector<std::size_t> tumourSlices_;

    // Of the epoch that was last asked for, so that not each batch shuffles all slices anew.
    mutable std::mutex mutex_;
    mutable std::size_t epoch_ = 0;
    mutable Order order_;
  };
}
