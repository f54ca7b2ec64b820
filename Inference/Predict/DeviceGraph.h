// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Cuda/GraphCapture.h"

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <utility>

namespace H3K27M::Predict
{
  // A piece of LibTorch work on a GPU that is recorded once and replayed as one CUDA graph: same shapes, same memory.
  // What it allocates comes from a pool of LibTorch's allocator that nothing else uses while this object lives.
  class DeviceGraph
  {
  public:
    // Runs `work` twice (libraries choose their kernels then), then records it. Null where this build cannot:
    // LibTorch's allocator is reached through its own header, which needs CUDA's. What `work` reads must stay.
    // Throws what LibTorch and CUDA throw.
    static std::unique_ptr<DeviceGraph> TryRecord(torch::Device device, const std::function<void()>& work);

    DeviceGraph(const DeviceGraph&) = delete;
    DeviceGraph& operator=(const DeviceGraph&) = delete;

    ~DeviceGraph();

    // Returns when the device is done.
    void Replay() const;

  private:
    explicit DeviceGraph(torch::Device device);

    void Record(const std::function<void()>& work);

    torch::Device device_;
    c10::Stream stream_;
    std::pair<std::uint64_t, std::uint64_t> pool_;
    bool hasPool_ = false;
    std::unique_ptr<Cuda::GraphCapture> graph_;
  };
}
