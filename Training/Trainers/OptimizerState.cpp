// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/OptimizerState.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Trainers
{
  namespace
  {
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
      return torch::empty_like(parameter).detach().copy_(moment);
    }

    // Adam and AdamW gather the same moments in types of their own.
    template <typename State>
    void AddMoments(const std::string& name, const torch::optim::OptimizerParamState& gathered,
                    Weights::TensorMap& target)
    {
      const auto& state = static_cast<const State&>(gathered);
      target.Set(name + STEP, torch::full({}, state.step(), torch::kInt64));
      target.Set(name + FIRST, state.exp_avg().clone());
      target.Set(name + SECOND, state.exp_avg_sq().clone());
    }

    template <typename State>
    std::unique_ptr<State> TakeMoments(const std::string& name, const torch::Tensor& parameter,
                                       const Weights::TensorMap& source)
    {
      auto state = std::make_unique<State>();
      state->step(source.Get(name + STEP).item<std::int64_t>());
      state->exp_avg(Take(source, name + FIRST, parameter));
      state->exp_avg_sq(Take(source, name + SECOND, parameter));
      return state;
    }

    enum class Kind
    {
      AdamW,
      Adam,
      Sgd
    };

    Kind GetKind(const torch::optim::Optimizer& optimizer)
    {
      if (dynamic_cast<const torch::optim::AdamW*>(&optimizer) != nullptr)
      {
        return Kind::AdamW;
      }
      if (dynamic_cast<const torch::optim::Adam*>(&optimizer) != nullptr)
      {
        return Kind::Adam;
      }
      if (dynamic_cast<const torch::optim::SGD*>(&optimizer) == nullptr)
      {
        throw Error(ErrorCode::Internal, "Only the state of AdamW, Adam and SGD can be stored");
      }
      return Kind::Sgd;
    }

    void AddState(Kind kind, const std::string& name, const torch::optim::OptimizerParamState& gathered,
                  Weights::TensorMap& target)
    {
      if (kind == Kind::AdamW)
      {
        AddMoments<torch::optim::AdamWParamState>(name, gathered, target);
      }
      else if (kind == Kind::Adam)
      {
        AddMoments<torch::optim::AdamParamState>(name, gathered, target);
      }
      else if (const torch::Tensor& momentum = static_cast<const SGDParamState&>(gathered).momentum_buffer();
               momentum.defined())
      {
        target.Set(name + MOMENTUM, momentum.clone());
      }
    }

    // Null for a parameter that has no state.
    std::unique_ptr<torch::optim::OptimizerParamState> TakeState(Kind kind, const std::string& name,
                                                                 const torch::Tensor& parameter,
                                                                 const Weights::TensorMap& source)
    {
      if (!source.Has(name + (kind == Kind::Sgd ? MOMENTUM : STEP)))
      {
        return nullptr;
      }
      if (kind == Kind::AdamW)
      {
        return TakeMoments<torch::optim::AdamWParamState>(name, parameter, source);
      }
      if (kind == Kind::Adam)
      {
        return TakeMoments<torch::optim::AdamParamState>(name, parameter, source);
      }
      auto state = std::make_unique<SGDParamState>();
      state->momentum_buffer(Take(source, name + MOMENTUM, parameter));
      return state;
    }
  }

  void AddOptimizerState(const torch::nn::Module& network, torch::optim::Optimizer& optimizer,
                         Weights::TensorMap& target)
  {
    const Kind kind = GetKind(optimizer);
    for (const auto& item : network.named_parameters())
    {
      const auto found = optimizer.state().find(item.value().unsafeGetTensorImpl());
      if (found != optimizer.state().end())
      {
        AddState(kind, PREFIX + item.key(), *found->second, target);
      }
    }
  }

  void RestoreOptimizerState(const torch::nn::Module& network, torch::optim::Optimizer& optimizer,
                             const Weights::TensorMap& source)
  {
    const Kind kind = GetKind(optimizer);
    optimizer.state().clear();
    for (const auto& item : network.named_parameters())
    {
      if (auto state = TakeState(kind, PREFIX + item.key(), item.value(), source))
      {
        optimizer.state()[item.value().unsafeGetTensorImpl()] = std::move(state);
      }
    }
  }
}
