// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/TrainedConvolution.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/MinimalFilteringScope.h"
#include "Inference/Cpu/WinogradConvolution.h"

#include <ATen/autocast_mode.h>

#include <optional>

namespace H3K27M::Network
{
  namespace
  {
    using torch::autograd::AutogradContext;
    using torch::autograd::variable_list;

    constexpr double NO_ACTIVATION = 1;  // the slope below zero
    constexpr const char* HAS_BIAS = "has_bias";

    // Which of forward()'s arguments an edge of the graph stands for.
    constexpr std::size_t EDGE_MAP = 0;
    constexpr std::size_t EDGE_WEIGHT = 1;
    constexpr std::size_t EDGE_BIAS = 2;

    // The gradient of a convolution's input is a convolution of the result's gradient with these.
    torch::Tensor TurnRound(const torch::Tensor& weight)
    {
      return weight.flip({AXIS_ROW, AXIS_COLUMN}).transpose(0, 1);
    }

    struct FilteredConvolution : torch::autograd::Function<FilteredConvolution>
    {
      static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x, const torch::Tensor& weight,
                                   const std::optional<torch::Tensor>& bias)
      {
        context->save_for_backward({x, weight});
        context->saved_data[HAS_BIAS] = bias.has_value();
        return Cpu::WinogradConvolution::MakeForOnce(weight, bias.value_or(torch::Tensor())).Run(x, NO_ACTIVATION);
      }

      // NOLINTNEXTLINE(readability-identifier-naming): LibTorch calls it by this name
      static variable_list backward(AutogradContext* context, variable_list gradients)
      {
        const variable_list saved = context->get_saved_variables();
        const torch::Tensor& x = saved[EDGE_MAP];
        const torch::Tensor& weight = saved[EDGE_WEIGHT];
        const torch::Tensor gradient = gradients[0].contiguous(torch::MemoryFormat::ChannelsLast);
        variable_list result(3);
        if (context->needs_input_grad(EDGE_MAP))
        {
          result[EDGE_MAP] = Cpu::WinogradConvolution::MakeForOnce(TurnRound(weight), {}).Run(gradient, NO_ACTIVATION);
        }
        if (context->needs_input_grad(EDGE_WEIGHT))
        {
          result[EDGE_WEIGHT] = Cpu::WinogradConvolution::ComputeWeightGradient(x, gradient);
        }
        if (context->saved_data[HAS_BIAS].toBool() && context->needs_input_grad(EDGE_BIAS))
        {
          result[EDGE_BIAS] = gradient.sum({AXIS_SLICE, AXIS_ROW, AXIS_COLUMN});
        }
        return result;
      }
    };

    bool IsFiltered(const torch::nn::Conv2d& convolution, const torch::Tensor& x)
    {
      return MinimalFilteringScope::IsOn() && convolution->is_training() && x.scalar_type() == torch::kFloat32 &&
             !at::autocast::is_autocast_enabled(at::kCPU) && Cpu::WinogradConvolution::Fits(convolution);
    }
  }

  torch::Tensor Convolve(torch::nn::Conv2d& convolution, const torch::Tensor& x)
  {
    if (!IsFiltered(convolution, x))
    {
      return convolution(x);
    }
    const torch::Tensor& bias = convolution->bias;
    return FilteredConvolution::apply(x, convolution->weight, bias.defined() ? std::optional(bias) : std::nullopt);
  }
}
