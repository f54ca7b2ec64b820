// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/DeviceKernels.h"

#include "Inference/Cuda/DeviceResampler.h"
#include "Inference/Cuda/NetworkKernels.h"

#include <c10/core/impl/VirtualGuardImpl.h>

namespace H3K27M::Predict
{
  namespace
  {
    constexpr std::int64_t LANES = 8;  // Cuda/NetworkKernels.h

    Cuda::KernelPlace GetPlace(torch::Device device, torch::ScalarType type)
    {
      const c10::impl::VirtualGuardImpl guard(device.type());
      return {type == torch::kBFloat16 ? Cuda::HalfType::BFloat16 : Cuda::HalfType::Float16,
              guard.getStream(device).native_handle()};
    }

    torch::Tensor LayOutByPixel(const torch::Tensor& map)
    {
      return map.contiguous(torch::MemoryFormat::ChannelsLast);
    }

    // In place; `map` is nobody else's.
    torch::Tensor Activate(const torch::Tensor& convolved, const torch::Tensor& bias, double leak,
                           const torch::Tensor& residual)
    {
      torch::Tensor map = LayOutByPixel(convolved);
      const torch::Tensor added = residual.defined() ? LayOutByPixel(residual) : residual;
      Cuda::Activate(
        map.data_ptr(), map.numel() / map.size(1), map.size(1),
        {bias.const_data_ptr(), added.defined() ? added.const_data_ptr() : nullptr, static_cast<float>(leak)},
        GetPlace(map.device(), map.scalar_type()));
      return map;
    }

    bool IsServed(const torch::Tensor& weight, const torch::Tensor& bias, std::int64_t outputs)
    {
      return weight.is_cuda() && bias.defined() && outputs % LANES == 0;
    }

    // Convolution, bias, residual and ReLU by cuDNN in one kernel.
    torch::Tensor ConvolveAndRectify(const torch::nn::Conv2dImpl& convolution, const torch::Tensor& x,
                                     const torch::Tensor& residual)
    {
      const auto& options = convolution.options;
      const auto& padding = std::get<torch::ExpandingArray<2>>(options.padding());
      return residual.defined()
               ? at::cudnn_convolution_add_relu(x, convolution.weight, residual, 1.0, convolution.bias,
                                                *options.stride(), *padding, *options.dilation(), options.groups())
               : at::cudnn_convolution_relu(x, convolution.weight, convolution.bias, *options.stride(), *padding,
                                            *options.dilation(), options.groups());
    }
  }

  bool DeviceKernels::AreUsable(torch::Device device, torch::ScalarType type)
  {
    if (!device.is_cuda() || !Cuda::IsBuilt() || (type != torch::kBFloat16 && type != torch::kFloat16))
    {
      return false;
    }
    try
    {
      GetPlace(device, type);
      return true;
    }
    catch (const c10::Error&)
    {
      return false;
    }
  }

  Network::FusedConvolution DeviceKernels::MakeConvolution(const torch::nn::Conv2d& convolution) const
  {
    if (!IsServed(convolution->weight, convolution->bias, convolution->options.out_channels()) ||
        !std::holds_alternative<torch::ExpandingArray<2>>(convolution->options.padding()))
    {
      return {};
    }
    return [convolution](const torch::Tensor& x, double leak, const torch::Tensor& residual)
    {
      if (leak == 0)
      {
        return ConvolveAndRectify(*convolution, x, residual);
      }
      const auto& options = convolution->options;
      const torch::Tensor y =
        at::conv2d(x, convolution->weight, {}, *options.stride(),
                   *std::get<torch::ExpandingArray<2>>(options.padding()), *options.dilation(), options.groups());
      return Activate(y, convolution->bias, leak, residual);
    };
  }

  Network::FusedConvolution DeviceKernels::MakeTransposed(const torch::nn::ConvTranspose2d& convolution) const
  {
    if (!IsServed(convolution->weight, convolution->bias, convolution->options.out_channels()))
    {
      return {};
    }
    return [convolution](const torch::Tensor& x, double leak, const torch::Tensor& residual)
    {
      const auto& options = convolution->options;
      const torch::Tensor y = at::conv_transpose2d(x, convolution->weight, {}, *options.stride(),
                                                   *std::get<torch::ExpandingArray<2>>(options.padding()),
                                                   *options.output_padding(), options.groups(), *options.dilation());
      return Activate(y, convolution->bias, leak, residual);
    };
  }

  Network::FusedStem DeviceKernels::MakeStem(const torch::nn::Conv2d& convolution) const
  {
    const torch::Tensor& weight = convolution->weight;
    if (!IsServed(weight, convolution->bias, weight.size(0)) || weight.size(1) != 1 ||
        weight.size(2) != Cuda::STEM_SIDE || weight.size(3) != Cuda::STEM_SIDE)
    {
      return {};
    }
    const torch::NoGradGuard noGrad;
    const std::int64_t channels = weight.size(0);
    const torch::Tensor flat = weight.contiguous().view({channels, Cuda::STEM_SIDE * Cuda::STEM_SIDE});
    const torch::Tensor padded =
      torch::constant_pad_nd(flat, {0, Cuda::STEM_COLUMNS - Cuda::STEM_SIDE * Cuda::STEM_SIDE});
    return [matrix = padded.t(), bias = convolution->bias, channels](const torch::Tensor& image)
    {
      const torch::Tensor source = image.contiguous();
      const std::int64_t images = source.size(0);
      const std::int64_t half = source.size(2) / 2;
      const Cuda::KernelPlace place = GetPlace(source.device(), source.scalar_type());
      torch::Tensor columns = torch::empty({images * half * half, Cuda::STEM_COLUMNS}, source.options());
      Cuda::GatherStem(source.const_data_ptr(), images, source.size(2), columns.data_ptr(), place);
      const torch::Tensor map = torch::mm(columns, matrix);
      torch::Tensor pooled = torch::empty({images, half / 2, half / 2, channels}, source.options());
      Cuda::PoolStem({map.const_data_ptr(), bias.const_data_ptr(), images, half, channels}, pooled.data_ptr(), place);
      return pooled.permute({0, 3, 1, 2});
    };
  }

  Network::FusedNorm DeviceKernels::MakeNorm(const torch::nn::LayerNorm& norm) const
  {
    const std::int64_t features = norm->weight.numel();
    if (!norm->weight.is_cuda() || !Cuda::CanNormalise(features))
    {
      return {};
    }
    return [norm, features](const torch::Tensor& tokens, const torch::Tensor& addend)
    {
      const torch::Tensor x = tokens.contiguous();
      const torch::Tensor y = addend.defined() ? addend.contiguous() : addend;
      torch::Tensor sum = y.defined() ? torch::empty_like(x) : x;
      torch::Tensor normalised = torch::empty_like(x);
      Cuda::AddAndNormalise(
        {x.const_data_ptr(), y.defined() ? y.const_data_ptr() : nullptr, x.numel() / features, features},
        {norm->weight.const_data_ptr(), norm->bias.const_data_ptr(), static_cast<float>(norm->options.eps())},
        sum.data_ptr(), normalised.data_ptr(), GetPlace(x.device(), x.scalar_type()));
      return Network::NormalisedSum{sum, normalised};
    };
  }

  // LibTorch's own is what one would write.
  Network::FusedAttention DeviceKernels::MakeAttention(std::int64_t) const
  {
    return {};
  }

  bool DeviceKernels::MergesProjections() const
  {
    return true;
  }
}
