// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Predict/IBackend.h"
#include "Inference/Predict/TorchDevice.h"

#include <torch/torch.h>

namespace H3K27M::Predict
{
  // The network in LibTorch, tuned for inference: batch norms folded, stem summed to one channel, channels-last,
  // memory-efficient attention, no autograd. On a GPU bf16 or fp16, with the own kernels of Inference/Cuda round it
  // where they were built.
  class TorchBackend : public IBackend
  {
  public:
    // Takes the network over and rewrites it (GenotypeNet::PrepareForInference()). Sets LibTorch's number of threads,
    // which is the whole process's. Throws Error(BadInput or Unavailable) when the device or precision cannot be had.
    TorchBackend(Network::GenotypeNet network, const BackendOptions& options);

    const BackendInfo& GetInfo() const noexcept override
    {
      return info_;
    }

    NetworkOutput RunNetwork(std::span<const float> images, std::size_t count) override;

    BatchResult RunBatch(const SliceBatch& batch) override;

    std::vector<float> ComputeSaliency(std::span<const float> images, std::size_t count,
                                       std::int64_t genotype) override;

  private:
    // [N, 1, S, S] float32 on the device. Throws Error(BadInput) when they have another size.
    torch::Tensor TakeImages(std::span<const float> images, std::size_t count) const;
    void ChoosePrecision(Precision precision);
    void Check(const SliceBatch& batch) const;

    // `images` on the device; the answers are float32 on the device.
    Network::GenotypeOutput Forward(const torch::Tensor& images);
    void Synchronise() const;

    torch::Tensor MakeImages(const SliceBatch& batch) const;
    void RestoreMasks(const torch::Tensor& logits, const SliceBatch& batch) const;

    Network::GenotypeNet network_;
    BackendInfo info_;
    TorchDevice chosen_;
    torch::ScalarType dtype_ = torch::kFloat32;
  };
}
