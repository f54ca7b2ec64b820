// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Ranks/SharedBatchNorm.h"

#include <array>
#include <cstdint>

namespace H3K27M::Ranks
{
  namespace
  {
    constexpr std::array<std::int64_t, 3> ALL_BUT_CHANNELS{0, 2, 3};
    constexpr double DEFAULT_MOMENTUM = 0.1;  // LibTorch's; the network's norms all have it

    torch::Tensor Spread(const torch::Tensor& perChannel)
    {
      return perChannel.view({1, -1, 1, 1});
    }

    torch::Tensor Widen(const torch::Tensor& x)
    {
      return x.scalar_type() == torch::kFloat64 ? x : x.to(torch::kFloat32);
    }

    // Over all images of all processes, [channel] each but the count, a scalar.
    struct Moments
    {
      torch::Tensor count;
      torch::Tensor mean;
      torch::Tensor variance;  // divided by the count
    };

    // Means and squared deviations of parts put together: no cancellation, unlike sums of squares.
    Moments MeasureTogether(const torch::Tensor& x, const RankGroup& group)
    {
      const auto [variance, mean] = torch::var_mean(x, ALL_BUT_CHANNELS, false);
      const std::int64_t channels = x.size(1);
      const std::int64_t values = x.numel() / channels;
      const torch::Tensor count = torch::full({1}, static_cast<double>(values), mean.options());
      const torch::Tensor parts =
        group.Gather(torch::cat({count, mean, variance}).unsqueeze(0), static_cast<std::int64_t>(group.GetSize()));
      const torch::Tensor counts = parts.narrow(1, 0, 1);
      const torch::Tensor means = parts.narrow(1, 1, channels);
      const torch::Tensor variances = parts.narrow(1, 1 + channels, channels);
      Moments all;
      all.count = counts.sum();
      all.mean = (counts * means).sum(0) / all.count;
      all.variance = (counts * (variances + (means - all.mean).square())).sum(0) / all.count;
      return all;
    }

    struct NormaliseTogether : torch::autograd::Function<NormaliseTogether>
    {
      static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                                   const torch::Tensor& weight, const torch::Tensor& bias,
                                   torch::nn::BatchNorm2dImpl* norm, const RankGroup* group)
      {
        const torch::Tensor wide = Widen(x);
        const Moments moments = MeasureTogether(wide, *group);
        const torch::Tensor inverse = torch::rsqrt(moments.variance + norm->options.eps());
        const double momentum = norm->options.momentum().value_or(DEFAULT_MOMENTUM);
        norm->num_batches_tracked.add_(1);
        norm->running_mean.lerp_(moments.mean.to(norm->running_mean.scalar_type()), momentum);
        norm->running_var.lerp_(
          (moments.variance * (moments.count / (moments.count - 1))).to(norm->running_var.scalar_type()),
          momentum);  // without bias, as torch does
        context->save_for_backward({x, weight, moments.mean, inverse, moments.count});
        context->saved_data["group"] = reinterpret_cast<std::intptr_t>(group);
        return ((wide - Spread(moments.mean)) * Spread(inverse * weight) + Spread(bias)).to(x.scalar_type());
      }

      // NOLINTNEXTLINE(readability-identifier-naming): LibTorch calls it by this name
      static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                     torch::autograd::variable_list gradients)
      {
        const auto* const group =
          // NOLINTNEXTLINE(performance-no-int-to-ptr): what autograd keeps holds numbers and no pointers
          reinterpret_cast<const RankGroup*>(static_cast<std::intptr_t>(context->saved_data["group"].toInt()));
        const torch::autograd::variable_list saved = context->get_saved_variables();
        const torch::Tensor& x = saved[0];
        const torch::Tensor& weight = saved[1];
        const torch::Tensor gradient = Widen(gradients[0]);
        const torch::Tensor normalised = (Widen(x) - Spread(saved[2])) * Spread(saved[3]);
        const torch::Tensor ofBias = gradient.sum(ALL_BUT_CHANNELS);
        const torch::Tensor ofWeight = (gradient * normalised).sum(ALL_BUT_CHANNELS);
        // What mean and variance pass on comes from the images of all; weight and bias are summed with the rest of the
        // gradient.
        const torch::Tensor sums = torch::stack({ofBias, ofWeight});
        group->Sum({sums});
        const torch::Tensor means = sums / saved[4];
        const torch::Tensor ofInput =
          (gradient - Spread(means[0]) - normalised * Spread(means[1])) * Spread(saved[3] * weight);
        return {ofInput.to(x.scalar_type()), ofWeight, ofBias, torch::Tensor(), torch::Tensor()};
      }
    };
  }

  torch::Tensor SharedBatchNorm::Normalise(torch::nn::BatchNorm2dImpl& norm, const torch::Tensor& x) const
  {
    return NormaliseTogether::apply(x, norm.weight, norm.bias, &norm, &group_);
  }
}
