// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/FusedAdamW.h"

#include <torch/torch.h>

#include <map>
#include <tuple>
#include <vector>

namespace H3K27M::Trainers
{
  namespace
  {
    using State = torch::optim::AdamWParamState;

    struct Lists
    {
      std::vector<torch::Tensor> parameters;
      std::vector<torch::Tensor> gradients;
      std::vector<torch::Tensor> first;
      std::vector<torch::Tensor> second;
      std::vector<torch::Tensor> steps;
    };

    State& FindOrMakeState(torch::optim::Optimizer& optimizer, const torch::Tensor& parameter)
    {
      auto& slot = optimizer.state()[parameter.unsafeGetTensorImpl()];
      if (slot == nullptr)
      {
        auto made = std::make_unique<State>();
        made->step(0);
        made->exp_avg(torch::zeros_like(parameter));
        made->exp_avg_sq(torch::zeros_like(parameter));
        slot = std::move(made);
      }
      return static_cast<State&>(*slot);
    }
  }

  torch::Tensor FusedAdamW::step(LossClosure)
  {
    const torch::NoGradGuard noGradient;
    std::map<std::int64_t, torch::Tensor> counts;  // parameters that were frozen for a while have made fewer steps
    for (torch::optim::OptimizerParamGroup& group : param_groups())
    {
      Lists lists;
      for (const torch::Tensor& parameter : group.params())
      {
        if (!parameter.grad().defined())
        {
          continue;
        }
        State& state = FindOrMakeState(*this, parameter);
        state.step(state.step() + 1);
        torch::Tensor& count = counts[state.step()];
        if (!count.defined())
        {
          count = torch::full({}, static_cast<double>(state.step()), parameter.options().dtype(torch::kFloat32));
        }
        lists.parameters.push_back(parameter);
        lists.gradients.push_back(parameter.grad());
        lists.first.push_back(state.exp_avg());
        lists.second.push_back(state.exp_avg_sq());
        lists.steps.push_back(count);
      }
      if (!lists.parameters.empty())
      {
        const auto& options = static_cast<const torch::optim::AdamWOptions&>(group.options());
        at::_fused_adamw_(lists.parameters, lists.gradients, lists.first, lists.second, {}, lists.steps, options.lr(),
                          std::get<0>(options.betas()), std::get<1>(options.betas()), options.weight_decay(),
                          options.eps(), false, false);
      }
    }
    return {};
  }
}
