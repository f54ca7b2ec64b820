// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Network/MaskedAutoencoder.h"
#include "Inference/Weights/WeightsImport.h"
#include "Training/Objectives/CoTrainingLoss.h"
#include "Training/Objectives/MaskedReconstruction.h"
#include "UnitTests/Inference/Network/ParityData.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace H3K27M
{
  namespace
  {
    using Testing::GetLargestDifference;
    using Testing::ParityData;

    // Bounds of ../shared/parity/README.md for float32.
    constexpr double FIRST_STEP_LOSS = 5e-5;
    constexpr double LATER_STEP_LOSS = 5e-4;
    constexpr double GRADIENT_NORM_RELATIVE = 2e-3;
    constexpr double RUNNING_STATISTIC = 1e-4;

    torch::Tensor ToVector(const Objectives::CoTrainingTerms& terms)
    {
      return torch::stack({terms.crossEntropy, terms.iou, terms.focal, terms.total}).detach().to(torch::kFloat64);
    }

    class TrainingSteps
    {
    public:
      TrainingSteps() :
        network_(MakeNetwork()),
        expected_(ParityData::Load("expected_train_step.safetensors"))
      {
        target_.label = expected_.Get("label");
        target_.mask = ParityData::MakeTargetMask();
        input_ = ParityData::MakeInput(false);
      }

      static Network::GenotypeNet MakeNetwork()
      {
        const Weights::WeightsImport import(
          {ParityData::GetPath("weights_shared.safetensors"), ParityData::GetPath("head_fusion.safetensors")});
        Network::GenotypeNet network(Network::NetworkOptions{});
        import.Select(Network::NetworkOptions{}).CopyInto(*network);
        return network;
      }

      Objectives::CoTrainingTerms ComputeLoss()
      {
        output_ = network_(input_);
        return Objectives::CoTrainingLoss(output_.cls_logits, output_.seg_logits, target_);
      }

      void CheckGradients() const
      {
        const auto parameters = network_->named_parameters();
        std::size_t checked = 0;
        for (const auto& [key, norm] : expected_.GetAll())
        {
          if (key.starts_with("grad_l2."))
          {
            const double expected = norm.item<double>();
            const double actual = parameters[key.substr(8)].grad().norm().item<double>();
            EXPECT_NEAR(actual / expected, 1, GRADIENT_NORM_RELATIVE) << key;
            checked++;
          }
        }
        EXPECT_EQ(checked, 164U);
      }

      void CheckAfterFirstStep() const
      {
        const auto buffers = network_->named_buffers();
        for (const char* name :
             {"decoder.bn.running_mean", "decoder.bn.running_var", "model.encoder.init_layer.1.running_var"})
        {
          EXPECT_LT(GetLargestDifference(buffers[name], expected_.Get(std::string("after1.") + name)),
                    RUNNING_STATISTIC)
            << name;
        }
        EXPECT_LT(GetLargestDifference(network_->named_parameters()["decoder.cls_cls.weight"].detach(),
                                       expected_.Get("after1.decoder.cls_cls.weight")),
                  1e-6);
      }

      Network::GenotypeNet network_;
      Weights::TensorMap expected_;
      Objectives::CoTrainingTarget target_;
      torch::Tensor input_;
      Network::GenotypeOutput output_;
    };

    TEST(ParityTraining, LossesInEvalModeAreThePublishedOnes)
    {
      SKIP_WITHOUT_PARITY();
      TrainingSteps steps;
      EXPECT_EQ(steps.target_.mask.ne(0).sum({1, 2})[0].item<std::int64_t>(), 3625);
      EXPECT_EQ(steps.target_.mask.ne(0).sum({1, 2})[1].item<std::int64_t>(), 5025);
      steps.network_->eval();
      const torch::NoGradGuard noGrad;
      EXPECT_LT(GetLargestDifference(ToVector(steps.ComputeLoss()), steps.expected_.Get("eval_ce_iou_focal_total")),
                FIRST_STEP_LOSS);
    }

    TEST(ParityTraining, ThreeStepsOfGradientDescentAreThePublishedOnes)
    {
      SKIP_WITHOUT_PARITY();
      TrainingSteps steps;
      steps.network_->train();
      torch::optim::SGD optimizer(steps.network_->parameters(),
                                  torch::optim::SGDOptions(1e-4).momentum(0.9).weight_decay(1e-4));

      Objectives::CoTrainingTerms terms = steps.ComputeLoss();
      EXPECT_LT(GetLargestDifference(ToVector(terms), steps.expected_.Get("train_ce_iou_focal_total")),
                FIRST_STEP_LOSS);
      EXPECT_LT(GetLargestDifference(steps.output_.cls_logits.detach(), steps.expected_.Get("train_cls_logits")), 1e-4);
      terms.total.backward();
      steps.CheckGradients();
      optimizer.step();
      steps.CheckAfterFirstStep();

      for (const char* name : {"second_step_ce_iou_focal_total", "third_step_ce_iou_focal_total"})
      {
        terms = steps.ComputeLoss();
        EXPECT_LT(GetLargestDifference(ToVector(terms), steps.expected_.Get(name)), LATER_STEP_LOSS) << name;
        optimizer.zero_grad();
        terms.total.backward();
        optimizer.step();
      }
    }

    TEST(ParityTraining, ReconstructionLossAndItsGradientsAreThePublishedOnes)
    {
      SKIP_WITHOUT_PARITY();
      const auto expected = ParityData::Load("expected_mae.safetensors");
      const Weights::WeightsImport import({ParityData::GetPath("weights_shared.safetensors")});
      const auto options = import.DetectOptions(Network::Variant::MaskedAutoencoder);
      Network::MaskedAutoencoder network(options);
      import.Select(options).CopyInto(*network);
      network->eval();
      const torch::Tensor masked = ParityData::MakeInput(true);
      const torch::Tensor image = ParityData::MakeInput(false);
      {
        const torch::NoGradGuard noGrad;
        EXPECT_NEAR(
          Objectives::MaskedReconstructionLoss(network(masked), image, expected.Get("patch_mask")).item<double>(),
          expected.Get("loss_masked_patches").item<double>(), FIRST_STEP_LOSS);
      }
      network->train();
      const torch::Tensor loss =
        Objectives::MaskedReconstructionLoss(network(masked), image, expected.Get("patch_mask"));
      EXPECT_NEAR(loss.item<double>(), expected.Get("train_loss_masked_patches").item<double>(), FIRST_STEP_LOSS);
      loss.backward();
      const auto parameters = network->named_parameters();
      for (const auto& [key, norm] : expected.GetAll())
      {
        if (key.starts_with("grad_l2."))
        {
          EXPECT_NEAR(parameters[key.substr(8)].grad().norm().item<double>() / norm.item<double>(), 1,
                      GRADIENT_NORM_RELATIVE)
            << key;
        }
      }
    }
  }
}
