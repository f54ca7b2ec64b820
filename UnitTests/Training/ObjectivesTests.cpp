// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Objectives/CoTrainingLoss.h"
#include "Training/Objectives/FocalLoss.h"
#include "Training/Objectives/MaskedReconstruction.h"
#include "Training/Objectives/RegionLoss.h"
#include "Training/Objectives/SoftIoULoss.h"

#include <gtest/gtest.h>

#include <cmath>

namespace H3K27M
{
  namespace
  {
    // One sample of two pixels: probabilities (1/2, 1/4, 1/4) of class 1 and (1/4, 1/4, 1/2) of class 0.
    torch::Tensor MakeLogits()
    {
      return torch::log(torch::tensor({0.5, 0.25, 0.25, 0.25, 0.25, 0.5}, torch::kFloat64)).view({1, 3, 1, 2});
    }

    torch::Tensor MakeTarget()
    {
      return torch::tensor({1, 0}, torch::kInt64).view({1, 1, 2});
    }

    TEST(FocalLoss, EqualsTheValueByHand)
    {
      // Pixel 0: class 1 has 0.25 of (0.5, 0.25, 0.25); pixel 1: class 0 has 0.25 of (0.25, 0.25, 0.5).
      const torch::Tensor logits =
        torch::log(torch::tensor({0.5, 0.25, 0.25, 0.25, 0.25, 0.5}, torch::kFloat64)).view({1, 3, 1, 2});
      const double alpha = static_cast<double>(0.05F);
      const double p0 = 0.25;  // channel 1, pixel 0
      const double p1 = 0.25;  // channel 0, pixel 1
      const double expected =
        (1.0 * std::pow(1 - p0, 2) * -std::log(p0) + alpha * std::pow(1 - p1, 2) * -std::log(p1)) / 2;
      EXPECT_NEAR(Objectives::FocalLoss(logits, MakeTarget()).item<double>(), expected, 1e-9);
    }

    TEST(FocalLoss, HoldsItsFactorConstantInTheGradient)
    {
      torch::Tensor logits = torch::zeros({1, 3, 1, 1}, torch::TensorOptions(torch::kFloat64).requires_grad(true));
      Objectives::FocalLoss(logits, torch::full({1, 1, 1}, 2, torch::kInt64)).backward();
      // alpha (1-p)^2 d(-log p)/dz = 2 * (2/3)^2 * (softmax - one-hot)
      const double factor = 2 * std::pow(2.0 / 3, 2);
      EXPECT_NEAR(logits.grad()[0][2][0][0].item<double>(), factor * (1.0 / 3 - 1), 1e-12);
      EXPECT_NEAR(logits.grad()[0][0][0][0].item<double>(), factor / 3, 1e-12);
    }

    TEST(SoftIoULoss, EqualsTheValueByHandAndCountsAbsentClassesAsZero)
    {
      // Channel 0: (0.5, 0.25), target (0, 1): I = 0.25, U = 0.75 + 1 - 0.25. Channel 1: (0.25, 0.25), target (1, 0):
      // I = 0.25, U = 0.5 + 1 - 0.25. Channel 2 has no target: 0.
      const double expected = 1 - (0.25 / 1.5 + 0.25 / 1.25 + 0) / 3;
      EXPECT_NEAR(Objectives::SoftIoULoss(MakeLogits(), MakeTarget()).item<double>(), expected, 1e-12);
    }

    TEST(CoTrainingLoss, WeighsItsThreeTerms)
    {
      Objectives::CoTrainingTarget target;
      target.label = torch::tensor({1}, torch::kInt64);
      target.mask = MakeTarget();
      const torch::Tensor classes = torch::log(torch::tensor({0.75, 0.25}, torch::kFloat64)).view({1, 2});
      const auto terms = Objectives::CoTrainingLoss(classes, MakeLogits(), target);
      EXPECT_NEAR(terms.crossEntropy.item<double>(), -std::log(0.25), 1e-12);
      EXPECT_NEAR(terms.total.item<double>(),
                  terms.focal.item<double>() + terms.iou.item<double>() + 0.1 * terms.crossEntropy.item<double>(),
                  1e-12);
    }

    TEST(CoTrainingLoss, LeavesSlicesWithoutGenotypeOutOfTheCrossEntropy)
    {
      Objectives::CoTrainingTarget target;
      target.label = torch::tensor({1, 0}, torch::kInt64);
      target.hasClass = torch::tensor({1.0, 0.0}, torch::kFloat64);
      const torch::Tensor classes = torch::log(torch::tensor({0.75, 0.25, 0.01, 0.99}, torch::kFloat64)).view({2, 2});
      EXPECT_NEAR(Objectives::CoTrainingLoss(classes, {}, target).crossEntropy.item<double>(), -std::log(0.25), 1e-12);
      target.hasClass.zero_();
      EXPECT_EQ(Objectives::CoTrainingLoss(classes, {}, target).total.item<double>(), 0);
    }

    TEST(RegionLoss, FalsePositivesInATumourFreeSliceHaveAGradient)
    {
      torch::Tensor logits = torch::zeros({1, 3, 2, 2}, torch::TensorOptions(torch::kFloat64).requires_grad(true));
      Objectives::CoTrainingTarget target;
      target.label = torch::tensor({0}, torch::kInt64);
      target.mask = torch::zeros({1, 2, 2}, torch::kInt64);
      const torch::Tensor classes = torch::zeros({1, 2}, torch::kFloat64);
      Objectives::RegionLoss(classes, logits, target, {0, 1, 0}).total.backward();
      EXPECT_GT(logits.grad()[0][1][0][0].item<double>(), 1e-3);
      logits.mutable_grad() = torch::Tensor();
      Objectives::CoTrainingLoss(classes, logits, target, {0, 1, 0}).total.backward();
      EXPECT_NEAR(logits.grad()[0][1][0][0].item<double>() + logits.grad()[0][2][0][0].item<double>() +
                    logits.grad()[0][0][0][0].item<double>(),
                  0, 1e-9);
    }

    TEST(RegionLoss, EqualsTheValueByHand)
    {
      // Pixel 0 is tumour of an altered case with probabilities (0.5, 0.25, 0.25), pixel 1 background with
      // (0.25, 0.25, 0.5): the tumour has 0.5 and 0.75.
      Objectives::CoTrainingTarget target;
      target.label = torch::tensor({0}, torch::kInt64);
      target.mask = MakeTarget();
      const torch::Tensor classes = torch::zeros({1, 2}, torch::kFloat64);
      const auto terms = Objectives::RegionLoss(classes, MakeLogits(), target, {1, 1, 1});
      const double iou = 1 - (0.5 + 1) / (0.5 + 0.75 + 1 - 0.5 + 1);
      const double tumourAgainstBackground = -(std::log(0.5) + std::log(0.25)) / 2;
      const double alteredAgainstWildType = -std::log(0.25 / 0.5);
      EXPECT_NEAR(terms.iou.item<double>(), iou, 1e-12);
      EXPECT_NEAR(terms.focal.item<double>(), tumourAgainstBackground + alteredAgainstWildType, 1e-12);
      EXPECT_NEAR(terms.total.item<double>(), std::log(2.0) + iou + terms.focal.item<double>(), 1e-12);
    }

    TEST(MaskedReconstruction, AveragesOverMaskedPixelsAlone)
    {
      const torch::Tensor image = torch::zeros({1, 3, 32, 32});
      torch::Tensor output = torch::zeros({1, 3, 32, 32});
      output.narrow(2, 0, 16).narrow(3, 16, 16).fill_(2);  // patch 1
      output.narrow(2, 16, 16).fill_(100);                 // patches 2 and 3, not masked
      const torch::Tensor mask = torch::tensor({1.0F, 1.0F, 0.0F, 0.0F}).view({1, 4});
      EXPECT_NEAR(Objectives::MaskedReconstructionLoss(output, image, mask).item<double>(), 2.0, 1e-6);
      EXPECT_THROW(Objectives::MaskedReconstructionLoss(output, image, torch::zeros({1, 4})), Error);
      EXPECT_THROW(Objectives::MaskedReconstructionLoss(output, image, torch::ones({1, 5})), Error);
    }
  }
}
