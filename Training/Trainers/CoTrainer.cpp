// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/CoTrainer.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/MinimalFilteringScope.h"
#include "Training/Objectives/RegionLoss.h"
#include "Training/Trainers/FusedAdamW.h"
#include "Training/Trainers/GradientNorm.h"
#include "Training/Trainers/PoolClassLayer.h"
#include "Training/Trainers/Schedule.h"
#include "Training/Trainers/TrainingDevice.h"

#include <ATen/autocast_mode.h>

#include <chrono>

namespace H3K27M::Trainers
{
  namespace
  {
    using Clock = std::chrono::steady_clock;

    double GetSeconds(Clock::time_point begin, Clock::time_point end)
    {
      return std::chrono::duration<double>(end - begin).count();
    }

    // Turns bf16 autocast of a kind of device on for its life.
    class AutocastGuard
    {
    public:
      AutocastGuard(at::DeviceType kind, bool isOn) :
        kind_(kind),
        before_(at::autocast::is_autocast_enabled(kind))
      {
        at::autocast::set_autocast_dtype(kind, at::kBFloat16);
        at::autocast::set_autocast_enabled(kind, isOn);
      }

      AutocastGuard(const AutocastGuard&) = delete;
      AutocastGuard& operator=(const AutocastGuard&) = delete;

      ~AutocastGuard()
      {
        at::autocast::clear_cache();
        at::autocast::set_autocast_enabled(kind_, before_);
      }

    private:
      at::DeviceType kind_;
      bool before_;
    };

    // Weight decay is for weights; norms, biases and positions have one dimension or are small offsets.
    std::vector<torch::optim::OptimizerParamGroup> MakeGroups(const torch::nn::Module& network, bool separates)
    {
      std::vector<torch::Tensor> decayed;
      std::vector<torch::Tensor> free;
      for (const auto& item : network.named_parameters())
      {
        if (!item.value().requires_grad())
        {
          continue;
        }
        const bool isOffset = item.value().dim() < 2 || item.key().ends_with("position_embeddings");
        (separates && isOffset ? free : decayed).push_back(item.value());
      }
      std::vector<torch::optim::OptimizerParamGroup> groups;
      groups.emplace_back(decayed);
      if (!free.empty())
      {
        groups.emplace_back(free);
      }
      return groups;
    }

    torch::nn::Module& Prepare(torch::nn::Module& network, const CoTrainerOptions& options, torch::Device device)
    {
      MoveTo(network, device);
      if (options.poolsClassLayer)
      {
        PoolClassLayer(network);
      }
      return network;
    }

    std::unique_ptr<torch::optim::Optimizer> MakeOptimizer(const torch::nn::Module& network,
                                                           const CoTrainerOptions& options)
    {
      if (options.momentum > 0)
      {
        return std::make_unique<torch::optim::SGD>(
          MakeGroups(network, false),
          torch::optim::SGDOptions(options.peakRate).momentum(options.momentum).weight_decay(options.weightDecay));
      }
      auto optimizer = std::make_unique<FusedAdamW>(
        MakeGroups(network, true), torch::optim::AdamWOptions(options.peakRate).weight_decay(options.weightDecay));
      if (optimizer->param_groups().size() > 1)
      {
        auto& group = optimizer->param_groups()[1];
        group.set_options(
          std::make_unique<torch::optim::AdamWOptions>(torch::optim::AdamWOptions(options.peakRate).weight_decay(0)));
      }
      return optimizer;
    }

    // [4]: total, cross-entropy, IoU, focal; 0 where there is none.
    torch::Tensor Stack(const Objectives::CoTrainingTerms& terms)
    {
      const torch::Tensor none = torch::zeros_like(terms.total);
      return torch::stack({terms.total, terms.crossEntropy, terms.iou.defined() ? terms.iou : none,
                           terms.focal.defined() ? terms.focal : none})
        .detach();
    }

    // What a step has to tell, fetched at once: each look at a value waits until a GPU is done.
    void Fill(StepReport& report, const torch::Tensor& terms, const torch::Tensor& gradientNorm)
    {
      const torch::Tensor values =
        torch::cat({terms, gradientNorm.to(terms.device()).view({1})}).to(torch::kCPU, torch::kFloat64);
      const double* const value = values.const_data_ptr<double>();
      report.total = value[0];
      report.crossEntropy = value[1];
      report.iou = value[2];
      report.focal = value[3];
      report.gradientNorm = value[4];
    }
  }

  CoTrainerOptions CoTrainerOptions::Paper()
  {
    CoTrainerOptions options;
    options.peakRate = 0.01;
    options.warmUpShare = 0;
    options.weightDecay = 1e-4;
    options.clipNorm = 0;
    options.momentum = 0.9;
    options.usesRegionLoss = false;
    options.poolsClassLayer = false;
    options.batch.tumourFreeShare = 0;
    options.batch.isBalanced = false;
    options.batch.augmentation = Data::AugmentationOptions::Paper();
    return options;
  }

  CoTrainerOptions CoTrainerOptions::Recommended()
  {
    CoTrainerOptions options;
    options.peakRate = 2e-3;
    options.batch.augmentation = Data::AugmentationOptions::Recommended();
    return options;
  }

  CoTrainer::CoTrainer(Network::GenotypeNet network, const Data::SliceDataset& dataset, const CoTrainerOptions& options,
                       torch::Device device, const Ranks::RankGroup* ranks) :
    network_(std::move(network)),
    options_(options),
    device_(device),
    sampler_(dataset, options.batch),
    shared_(ranks, options.batch.batchSize),
    optimizer_(MakeOptimizer(Prepare(*network_, options, device), options))
  {
  }

  Network::GenotypeOutput CoTrainer::Forward(const torch::Tensor& image)
  {
    const AutocastGuard autocast(device_.type(), options_.useBFloat16);
    const Network::BatchNormScope scope = shared_.ShareStatistics();
    const Network::MinimalFilteringScope filtering(true);
    Network::GenotypeOutput output = network_(shared_.TakeShare(image));
    output.cls_logits = shared_.Gather(output.cls_logits.to(torch::kFloat32));
    if (output.seg_logits.defined())
    {
      output.seg_logits = shared_.Gather(output.seg_logits.to(torch::kFloat32));
    }
    return output;
  }

  // A frozen backbone keeps its batch statistics too; without a gradient the optimizer passes its parameters over.
  void CoTrainer::FreezeEncoder(bool isFrozen)
  {
    torch::nn::Module& backbone = *network_->named_children()["model"];
    for (torch::Tensor& parameter : backbone.parameters())
    {
      parameter.requires_grad_(!isFrozen);
    }
    backbone.train(!isFrozen);
  }

  // To what the parameters have; returns what Stack() does.
  torch::Tensor CoTrainer::AddGradients(const Batch& batch)
  {
    const Network::GenotypeOutput output = Forward(batch.image);
    const Objectives::CoTrainingTerms terms =
      options_.usesRegionLoss
        ? Objectives::RegionLoss(output.cls_logits, output.seg_logits, batch.target, options_.weights)
        : Objectives::CoTrainingLoss(output.cls_logits, output.seg_logits, batch.target, options_.weights);
    (terms.total / static_cast<double>(options_.accumulation)).backward();
    return Stack(terms);
  }

  StepReport CoTrainer::RunStep(std::size_t step, Batches& batches)
  {
    const auto schedule = Schedule::WithWarmUp(options_.peakRate, options_.steps, options_.warmUpShare);
    StepReport report;
    report.step = step + 1;
    report.rate = schedule.GetRate(step);
    for (auto& group : optimizer_->param_groups())
    {
      group.options().set_lr(report.rate);
    }

    optimizer_->zero_grad();
    shared_.SeedNoise(options_.batch.seed, step, device_);
    torch::Tensor terms = torch::zeros({4}, device_);
    for (std::size_t i = 0; i < options_.accumulation; i++)
    {
      const auto asked = Clock::now();
      const DrawnSlices slices = batches.Take();
      report.waiting += GetSeconds(asked, Clock::now());
      terms += AddGradients(sampler_.Assemble(slices, device_)) / static_cast<double>(options_.accumulation);
    }
    shared_.SumGradients(network_->parameters());
    Fill(report, terms, ClipGradientNorm(network_->parameters(), options_.clipNorm));
    if (guard_.Allows(report.total, report.gradientNorm, report.step))
    {
      optimizer_->step();
    }
    return report;
  }

  void CoTrainer::Restore(const Checkpoint& checkpoint)
  {
    stepsDone_ = checkpoint.Restore(*network_, *optimizer_, options_.steps);
  }

  Checkpoint CoTrainer::MakeCheckpoint(std::size_t stage, const std::string& identity) const
  {
    return Checkpoint(*network_, *optimizer_, {stage, stepsDone_}, identity);
  }

  void CoTrainer::Run(const std::function<void(const StepReport&)>& onStep)
  {
    const auto start = Clock::now();
    network_->train();
    if (stepsDone_ < options_.freezeEncoderSteps)
    {
      FreezeEncoder(true);
    }
    Batches batches(sampler_, stepsDone_ * options_.accumulation, options_.steps * options_.accumulation,
                    CountBatchesAhead(device_));
    while (stepsDone_ < options_.steps)
    {
      if (options_.freezeEncoderSteps > 0 && stepsDone_ == options_.freezeEncoderSteps)
      {
        FreezeEncoder(false);
      }
      StepReport report = RunStep(stepsDone_, batches);
      stepsDone_++;
      report.seconds = GetSeconds(start, Clock::now());
      onStep(report);
    }
    FreezeEncoder(false);
    network_->eval();
  }
}
