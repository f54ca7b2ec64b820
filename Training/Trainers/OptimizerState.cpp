// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/OptimizerState.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Trainers
{
  namespace
  {
    using torch::optim::AdamWParamState;
    using torch::optim::SGDParamState;

    constexpr const char* PREFIX = "optimizer.";
    constexpr const char* STEP = ".step";
    constexpr const char* FIRST = ".exp_avg";
    constexpr const char* SECOND = ".exp_avg_sq";
    constexpr const char* MOMENTUM = ".momentum_buffer";

    torch::Tensor Take(const Weights::TensorMap& source, const std::string& name, const torch::Tensor& parameter)
    {
      const torch::Tensor& moment = source.Get(name);
      if (moment.sizes() != parameter.sizes())
      {
        throw Error(ErrorCode::BadInput, "The checkpoint's tensor '" + name + "' does not fit the network");
      }
      return moment.to(parameter.device(), parameter.scalar_type()).clone(at::MemoryFormat::Preserve);
    }

    void AddAdamW(const std::string& name, const AdamWParamState& state, Weights::TensorMap& target)
    {
      target.Set(name + STEP, torch::full({}, state.step(), torch::kInt64));
      target.Set(name + FIRST, state.exp_avg().clone());
      target.Set(name + SECOND, state.exp_avg_sq().clone());
    }

    std::unique_ptr<AdamWParamState> TakeAdamW(const std::string& name, const torch::Tensor& parameter,
                                               const Weights::TensorMap& source)
    {
      auto state = std::make_unique<AdamWParamState>();
      state->step(source.Get(name + STEP).item<std::int64_t>());
      state->exp_avg(Take(source, name + FIRST, parameter));
      state->exp_avg_sq(Take(source, name + SECOND, parameter));
      return state;
    }

    bool IsAdamW(const torch::optim::Optimizer& optimizer)
    {
      const bool isAdamW = dynamic_cast<const torch::optim::AdamW*>(&optimizer) != nullptr;
      if (!isAdamW && dynamic_cast<const torch::optim::SGD*>(&optimizer) == nullptr)
      {
        throw Error(ErrorCode::Internal, "Only the state of AdamW and of SGD can be stored");
      }
      return isAdamW;
    }
  }

  void AddOptimizerState(const torch::nn::Module& network, torch::optim::Optimizer& optimizer,
                         Weights::TensorMap& target)
  {
    const bool isAdamW = IsAdamW(optimizer);
    for (const auto& item : network.named_parameters())
    {
      const auto found = optimizer.state().find(item.value().unsafeGetTensorImpl());
      if (found == optimizer.state().end())
      {
        continue;
      }
      const std::string name = PREFIX + item.key();
      if (isAdamW)
      {
        AddAdamW(name, static_cast<const AdamWParamState&>(*found->second), target);
      }
      else
      {
        const torch::Tensor& momentum = static_cast<const SGDParamState&>(*found->second).momentum_buffer();
        if (momentum.defined())
        {
          target.Set(name + MOMENTUM, momentum.clone());
        }
      }
    }
  }

  void RestoreOptimizerState(const torch::nn::Module& network, torch::optim::Optimizer& optimizer,
                             const Weights::TensorMap& source)
  {
    const bool isAdamW = IsAdamW(optimizer);
    optimizer.state().clear();
    for (const auto& item : network.named_parameters())
    {
      const std::string name = PREFIX + item.key();
      if (isAdamW && source.Has(name + STEP))
      {
        optimizer.state()[item.value().unsafeGetTensorImpl()] = TakeAdamW(name, item.value(), source);
      }
      else if (!isAdamW && source.Has(name + MOMENTUM))
      {
        auto state = std::make_unique<SGDParamState>();
        state->momentum_buffer(Take(source, name + MOMENTUM, item.value()));
        optimizer.state()[item.value().unsafeGetTensorImpl()] = std::move(state);
      }
    }
  }
}
