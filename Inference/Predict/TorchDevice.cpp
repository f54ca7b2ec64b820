// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/TorchDevice.h"

#include "Inference/Cuda/DeviceResampler.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Protocol/Error.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/cuda.h>

namespace H3K27M::Predict
{
  namespace
  {
    // A weight of one input channel is in either order at once, by its strides in the wrong one: contiguous() returns
    // it as it is, and LibTorch then takes oneDNN's path for channels first. On one thread of an AMD EPYC (Zen 2) the
    // stem took 10.7 ms a slice so, and takes 3.5. (Not tried on a GPU, where it stays as it was.)
    torch::Tensor ToChannelsLast(const torch::Tensor& weight)
    {
      if (!weight.device().is_cpu() || weight.size(1) != 1)
      {
        return weight.contiguous(torch::MemoryFormat::ChannelsLast);
      }
      return torch::empty(weight.sizes(), weight.options().memory_format(torch::MemoryFormat::ChannelsLast))
        .copy_(weight);
    }

    // CUDA says 12040 for 12.4.
    std::string GetCudaVersion()
    {
      constexpr int PER_MAJOR = 1000;
      constexpr int PER_MINOR = 10;
      const auto version = at::detail::getCUDAHooks().versionCUDART();
      return std::to_string(version / PER_MAJOR) + "." + std::to_string(version % PER_MAJOR / PER_MINOR);
    }
  }

  TorchDevice TorchDevice::Choose(DeviceChoice choice)
  {
    TorchDevice chosen;
    if (choice == DeviceChoice::Cpu)
    {
      return chosen;
    }
    chosen.note = ProcessTuning::LoadCudaLibraries();
    if (chosen.note.empty() && !torch::cuda::is_available())
    {
      chosen.note = "LibTorch finds no GPU that it can use";
    }
    if (chosen.note.empty())
    {
      chosen.device = torch::Device(torch::kCUDA, 0);
      chosen.name = "cuda:0 " + Cuda::DescribeDevice(0);
      chosen.cudaVersion = GetCudaVersion();
    }
    else if (choice == DeviceChoice::Cuda)
    {
      throw Error(ErrorCode::BadInput, "The device cuda was asked for, but " + chosen.note);
    }
    return chosen;
  }

  bool TorchDevice::HasBFloat16Arithmetic() const
  {
    return device.is_cuda() ? at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8()
                            : ProcessTuning::HasBFloat16Arithmetic();
  }

  Precision TorchDevice::Resolve(Precision precision) const
  {
    if (precision != Precision::Auto)
    {
      return precision;
    }
    if (device.is_cpu())
    {
      return Precision::Float32;
    }
    return HasBFloat16Arithmetic() ? Precision::BFloat16 : Precision::Float16;
  }

  void UseChannelsLast(torch::nn::Module& module)
  {
    constexpr std::int64_t DIMENSIONS = 4;  // of a convolution's weights
    for (torch::Tensor& parameter : module.parameters())
    {
      if (parameter.dim() == DIMENSIONS)
      {
        parameter.set_data(ToChannelsLast(parameter.detach()));
      }
    }
  }
}
