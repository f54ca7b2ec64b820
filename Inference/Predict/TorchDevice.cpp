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

  void UseChannelsLast(torch::nn::Module& module)
  {
    constexpr std::int64_t DIMENSIONS = 4;  // of a convolution's weights
    for (torch::Tensor& parameter : module.parameters())
    {
      if (parameter.dim() == DIMENSIONS)
      {
        parameter.set_data(parameter.detach().contiguous(torch::MemoryFormat::ChannelsLast));
      }
    }
  }
}
