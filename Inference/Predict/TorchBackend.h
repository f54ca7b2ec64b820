// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Predict/DeviceGraph.h"
#include "Inference/Predict/IBackend.h"
#include "Inference/Predict/TorchDevice.h"

#include <torch/torch.h>

#include <map>
#include <memory>

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

    std::shared_ptr<const Preprocess::IVolumeStatistics> TakeVolume(
      const Preprocess::VolumeView& volume) const override;

    BatchResult RunBatch(const SliceBatch& batch) override;

    std::vector<float> ComputeSaliency(std::span<const float> images, std::size_t count,
                                       std::int64_t genotype) override;

  private:
    // A forward pass that was recorded for so many images: they are written to `images`, `output` holds the answers.
    struct RecordedPass
    {
      torch::Tensor images;
      Network::GenotypeOutput output;
      std::unique_ptr<DeviceGraph> graph;
    };

    // [N, 1, S, S] float32 on the device. Throws Error(BadInput) when they have another size.
    torch::Tensor TakeImages(std::span<const float> images, std::size_t count) const;
    void ChoosePrecision(Precision precision);
    void Check(const SliceBatch& batch) const;

    // `images` on the device; the answers are float32 on the device. By a recorded pass where the device has them: the
    // answers are then overwritten by the next call.
    Network::GenotypeOutput Infer(const torch::Tensor& images);

    Network::GenotypeOutput Forward(const torch::Tensor& images);

    // Null where there is none for so many.
    RecordedPass* GetRecorded(std::int64_t count);
    void Synchronise() const;

    torch::Tensor MakeImages(const SliceBatch& batch) const;

    // Returns the pixels of each mask that are not background.
    std::vector<std::size_t> RestoreMasks(const torch::Tensor& logits, const SliceBatch& batch) const;

    Network::GenotypeNet network_;
    BackendInfo info_;
    TorchDevice chosen_;
    torch::ScalarType dtype_ = torch::kFloat32;
    bool records_ = false;
    std::map<std::int64_t, RecordedPass> recorded_;  // by the number of images
  };
}
