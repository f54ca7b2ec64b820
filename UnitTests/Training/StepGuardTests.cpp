// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Trainers/CoTrainer.h"
#include "Training/Trainers/StepGuard.h"
#include "UnitTests/Training/DiscSource.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace H3K27M
{
  namespace
  {
    constexpr double NAN_VALUE = std::numeric_limits<double>::quiet_NaN();
    constexpr double INFINITE = std::numeric_limits<double>::infinity();

    TEST(StepGuard, LeavesOutSingleStepsWithoutAGradient)
    {
      Trainers::StepGuard guard;
      for (std::size_t step = 1; step <= 2000; step++)
      {
        const bool isAccident = step % 100 == 0;
        EXPECT_EQ(guard.Allows(1, isAccident ? (step % 200 == 0 ? INFINITE : NAN_VALUE) : 0.5, step), !isAccident);
      }
    }

    TEST(StepGuard, StopsWhenEverySecondOneHasNone)
    {
      Trainers::StepGuard guard;
      const auto train = [&guard]
      {
        for (std::size_t step = 1; step <= 100; step++)
        {
          guard.Allows(1, step % 2 == 0 ? NAN_VALUE : 0.5, step);
        }
      };
      EXPECT_THROW(train(), Error);
    }

    TEST(StepGuard, StopsWhenManyInARowHaveNone)
    {
      Trainers::StepGuard guard;
      for (std::size_t step = 1; step < Trainers::StepGuard::MAX_LEFT_OUT; step++)
      {
        EXPECT_FALSE(guard.Allows(1, NAN_VALUE, step));
      }
      EXPECT_THROW(guard.Allows(1, NAN_VALUE, Trainers::StepGuard::MAX_LEFT_OUT), Error);
    }

    TEST(StepGuard, StopsAtALossThatIsNotFinite)
    {
      EXPECT_THROW(Trainers::StepGuard().Allows(INFINITE, 1, 1), Error);
      EXPECT_THROW(Trainers::StepGuard().Allows(NAN_VALUE, NAN_VALUE, 1), Error);
    }

    // A run on a GPU ended because of one such gradient.
    TEST(CoTrainer, GoesOnAfterOneGradientThatIsNotFinite)
    {
      constexpr std::size_t SIZE = 48;
      const Data::SliceDataset dataset(Testing::DiscSource(4), {SIZE, 1}, [](std::size_t) {});
      Network::NetworkOptions layout;
      layout.inputSize = SIZE;
      layout.width = 16;
      torch::manual_seed(7);
      Network::GenotypeNet network(layout);
      torch::Tensor spoilt = network->parameters().front();
      std::size_t backward = 0;
      spoilt.register_hook([&backward](const torch::Tensor& gradient)
      { return ++backward == 2 ? torch::full_like(gradient, NAN_VALUE) : gradient; });
      auto options = Trainers::CoTrainerOptions::Recommended();
      options.steps = 4;
      std::vector<torch::Tensor> weights;
      std::vector<double> norms;
      Trainers::CoTrainer(network, dataset, options)
        .Run([&](const Trainers::StepReport& report)
      {
        norms.push_back(report.gradientNorm);
        weights.push_back(spoilt.detach().clone());
      });
      EXPECT_TRUE(std::isnan(norms.at(1)));
      EXPECT_TRUE(weights.at(1).equal(weights.at(0))) << "the step was left out";
      EXPECT_TRUE(std::isfinite(norms.at(3)));
      EXPECT_FALSE(weights.at(3).equal(weights.at(1))) << "those after it were not";
    }
  }
}
