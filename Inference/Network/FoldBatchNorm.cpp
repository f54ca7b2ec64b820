// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/FoldBatchNorm.h"

#include "Inference/Network/BatchNormScope.h"

namespace H3K27M::Network
{
  namespace
  {
    struct ScaleAndShift
    {
      torch::Tensor scale;  // [channel] float64
      torch::Tensor shift;  // [channel] float64
    };

    ScaleAndShift GetScaleAndShift(const torch::nn::BatchNorm2d& norm)
    {
      const auto Double = [](const torch::Tensor& x) { return x.detach().to(torch::kFloat64); };
      const torch::Tensor scale = Double(norm->weight) / torch::sqrt(Double(norm->running_var) + norm->options.eps());
      return {scale, Double(norm->bias) - Double(norm->running_mean) * scale};
    }

    // `outputAxis` is the axis of the output channels in the weight.
    template <typename Convolution>
    void Fold(Convolution& convolution, const ScaleAndShift& fold, std::int64_t outputAxis)
    {
      const torch::NoGradGuard noGrad;
      std::vector<std::int64_t> shape(4, 1);
      shape[static_cast<std::size_t>(outputAxis)] = -1;
      torch::Tensor bias = fold.shift;
      if (convolution->bias.defined())
      {
        bias = bias + convolution->bias.to(torch::kFloat64) * fold.scale;
      }
      const torch::Tensor weight = convolution->weight.to(torch::kFloat64) * fold.scale.view(shape);
      const auto dtype = convolution->weight.scalar_type();
      convolution->weight.set_data(weight.to(dtype).contiguous(convolution->weight.suggest_memory_format()));
      // A convolution without bias has registered an undefined one, which cannot be replaced in the module's list:
      // Module::to() passes this one over (GenotypeNet::MoveTo() does not).
      convolution->bias = bias.to(dtype);
    }
  }

  void FoldBatchNorm(torch::nn::Conv2d& convolution, torch::nn::BatchNorm2d& norm)
  {
    Fold(convolution, GetScaleAndShift(norm), 0);
    norm = nullptr;
  }

  void FoldBatchNorm(torch::nn::ConvTranspose2d& convolution, torch::nn::BatchNorm2d& norm)
  {
    Fold(convolution, GetScaleAndShift(norm), 1);
    norm = nullptr;
  }

  void FoldBatchNormPart(torch::nn::Conv2d& convolution, const torch::nn::BatchNorm2d& norm, std::int64_t firstChannel)
  {
    const std::int64_t channels = convolution->weight.size(0);
    const ScaleAndShift whole = GetScaleAndShift(norm);
    Fold(convolution, {whole.scale.narrow(0, firstChannel, channels), whole.shift.narrow(0, firstChannel, channels)},
         0);
  }

  torch::Tensor Normalise(torch::nn::BatchNorm2d& norm, const torch::Tensor& x)
  {
    if (!norm)
    {
      return x;
    }
    const IBatchNormRule* const rule = norm->is_training() ? BatchNormScope::GetRule() : nullptr;
    return rule != nullptr ? rule->Normalise(*norm, x) : norm(x);
  }
}
