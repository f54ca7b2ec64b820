// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"

#include <torch/nn/module.h>

#include <string>

namespace H3K27M::Predict
{
  // Where LibTorch computes: the first GPU, or the CPU. Predictions and trainings choose by the same rule.
  struct TorchDevice
  {
    torch::Device device{torch::kCPU};
    std::string name = "cpu";  // or "cuda:0 NAME"
    std::string note;          // why it is the CPU where a GPU was looked for; empty otherwise
    std::string cudaVersion;   // "12.4": of the GPU's runtime; empty on the CPU

    // Loads LibTorch's CUDA half when it is needed. Throws Error(BadInput) with the reason when `Cuda` was asked for
    // and cannot be had.
    static TorchDevice Choose(DeviceChoice choice);

    // Whether it multiplies bf16 itself: a GPU since Ampere, a CPU with avx512_bf16 or AMX.
    bool HasBFloat16Arithmetic() const;

    // What `Auto` means here (BackendOptions.h); any other precision as it is.
    Precision Resolve(Precision precision) const;
  };

  // The weights of convolutions in the memory layout (channels-last) that feature maps have; they keep their values.
  void UseChannelsLast(torch::nn::Module& module);
}
