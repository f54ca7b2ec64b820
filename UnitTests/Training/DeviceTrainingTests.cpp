// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/TorchDevice.h"
#include "Inference/Protocol/Error.h"
#include "Training/Ranks/SharedBatch.h"
#include "Training/Trainers/BatchPrefetcher.h"
#include "Training/Trainers/CoTrainer.h"
#include "Training/Trainers/FusedAdamW.h"
#include "Training/Trainers/GradientNorm.h"
#include "Training/Objectives/MaskedReconstruction.h"
#include "Training/Trainers/MaskedTrainer.h"
#include "UnitTests/Inference/Predict/CudaEnvironment.h"
#include "UnitTests/Support/TemporaryFolder.h"
#include "UnitTests/Training/DiscSource.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace H3K27M
{
  namespace
  {
    constexpr std::size_t SIZE = 64;

    const auto* const CUDA = testing::AddGlobalTestEnvironment(new Testing::CudaEnvironment);

    Network::NetworkOptions MakeLayout()
    {
      Network::NetworkOptions layout;
      layout.inputSize = SIZE;
      layout.width = 16;
      return layout;
    }

    Data::SliceDataset MakeDataset()
    {
      return Data::SliceDataset(Testing::DiscSource(4), {SIZE, 1}, [](std::size_t) {});
    }

    std::vector<double> CoTrain(const Data::SliceDataset& dataset, torch::Device device, bool isBFloat16)
    {
      torch::manual_seed(7);
      Network::GenotypeNet network(MakeLayout());
      auto options = Trainers::CoTrainerOptions::Recommended();
      options.steps = 12;
      options.useBFloat16 = isBFloat16;
      std::vector<double> losses;
      Trainers::CoTrainer(network, dataset, options, device)
        .Run([&losses](const Trainers::StepReport& step) { losses.push_back(step.total); });
      return losses;
    }

    // Six steps with much dropout: the losses of the last three. Leaves a checkpoint in the midst, or goes on from it.
    std::vector<double> CoTrainWithNoise(const Data::SliceDataset& dataset, torch::Device device,
                                         const std::filesystem::path& checkpoint)
    {
      constexpr std::size_t MIDST = 3;
      const bool isResumed = std::filesystem::exists(checkpoint);
      torch::manual_seed(isResumed ? 77 : 7);
      Network::NetworkOptions layout = MakeLayout();
      layout.dropout = 0.5;
      Network::GenotypeNet network(layout);
      auto options = Trainers::CoTrainerOptions::Recommended();
      options.steps = 2 * MIDST;
      Trainers::CoTrainer trainer(network, dataset, options, device);
      if (isResumed)
      {
        trainer.Restore(Trainers::Checkpoint::Load(checkpoint, "noise"));
      }
      std::vector<double> losses;
      trainer.Run([&](const Trainers::StepReport& step)
      {
        if (step.step == MIDST)
        {
          trainer.MakeCheckpoint(0, "noise").Save(checkpoint);
        }
        if (step.step > MIDST)
        {
          losses.push_back(step.total);
        }
      });
      return losses;
    }

    Network::MaskedAutoencoder MakeAutoencoder()
    {
      torch::manual_seed(7);
      Network::NetworkOptions layout = MakeLayout();
      layout.variant = Network::Variant::MaskedAutoencoder;
      return Network::MaskedAutoencoder(layout);
    }

    std::vector<double> PreTrain(const Data::SliceDataset& dataset, torch::Device device)
    {
      auto options = Trainers::MaskedTrainerOptions::Recommended();
      options.steps = 12;
      std::vector<double> losses;
      Trainers::MaskedTrainer(MakeAutoencoder(), dataset, options, device)
        .Run([&losses](const Trainers::MaskedStepReport& step) { losses.push_back(step.reconstruction); });
      return losses;
    }

    // The first step differs by rounding alone; what follows drifts apart, as two trainings on a GPU do.
    void ExpectNear(const std::vector<double>& cpu, const std::vector<double>& gpu, double first, double last)
    {
      ASSERT_EQ(cpu.size(), gpu.size());
      EXPECT_NEAR(gpu.front(), cpu.front(), first * cpu.front());
      for (std::size_t i = 0; i < cpu.size(); i++)
      {
        EXPECT_NEAR(gpu[i], cpu[i], last * cpu[i]) << "step " << i + 1;
      }
    }

    class CountingSampler
    {
    public:
      std::size_t DrawSlices(std::size_t step) const
      {
        drawn_++;
        if (step == 13)
        {
          throw std::runtime_error("step 13");
        }
        return step * step;
      }

      std::size_t CountDrawn() const
      {
        return drawn_;
      }

    private:
      mutable std::atomic<std::size_t> drawn_ = 0;
    };

    class DeviceTraining : public testing::Test
    {
    protected:
      void SetUp() override
      {
        gpu_ = Predict::TorchDevice::Choose(Predict::DeviceChoice::Auto);
        if (!gpu_.device.is_cuda())
        {
          GTEST_SKIP() << gpu_.note;
        }
      }

      Predict::TorchDevice gpu_;
      Data::SliceDataset dataset_ = MakeDataset();
    };

    TEST(BatchPrefetcher, GivesTheBatchesInOrderHoweverManyAreAhead)
    {
      for (const std::size_t ahead : {0, 1, 5, 40})
      {
        const CountingSampler sampler;
        Trainers::BatchPrefetcher<CountingSampler> batches(sampler, 3, 12, ahead);
        for (std::size_t step = 3; step < 12; step++)
        {
          EXPECT_EQ(batches.Take(), step * step) << ahead << " ahead";
        }
        EXPECT_EQ(sampler.CountDrawn(), 9U) << "none twice, none beyond the end";
      }
    }

    TEST(BatchPrefetcher, TellsWhatTheSamplerSaidAtItsStep)
    {
      const CountingSampler sampler;
      Trainers::BatchPrefetcher<CountingSampler> batches(sampler, 12, 20, 4);
      EXPECT_EQ(batches.Take(), 144U);
      EXPECT_THROW(batches.Take(), std::runtime_error);
    }

    // Two parameters with the gradients of a fixed function, stepped by either optimizer.
    template <typename Optimizer>
    std::vector<torch::Tensor> Step(std::size_t steps)
    {
      torch::manual_seed(3);
      std::vector<torch::Tensor> parameters{torch::randn({4, 3, 3, 3}).requires_grad_(),
                                            torch::randn({5}).requires_grad_()};
      Optimizer optimizer(parameters, torch::optim::AdamWOptions(0.01).weight_decay(0.1));
      for (std::size_t i = 0; i < steps; i++)
      {
        optimizer.zero_grad();
        // The second is frozen at first: it has no gradient, and makes fewer steps.
        torch::Tensor loss = parameters[0].pow(2).sum() * 0.5 + parameters[0].sin().sum();
        loss = i < 3 ? loss : loss + parameters[1].exp().sum();
        loss.backward();
        optimizer.step();
      }
      return parameters;
    }

    TEST(FusedAdamW, StepsAsLibTorchsOwn)
    {
      const auto own = Step<torch::optim::AdamW>(9);
      const auto fused = Step<Trainers::FusedAdamW>(9);
      for (std::size_t i = 0; i < own.size(); i++)
      {
        EXPECT_TRUE(torch::allclose(own[i], fused[i], 1e-6, 1e-7)) << i;
      }
    }

    TEST(GradientNorm, IsOfAllGradientsTogetherAndClipsThem)
    {
      const std::vector<torch::Tensor> parameters{torch::zeros({2}), torch::zeros({1}), torch::zeros({3})};
      parameters[0].mutable_grad() = torch::tensor({3.0F, 0.0F});
      parameters[1].mutable_grad() = torch::tensor({4.0F});
      EXPECT_FLOAT_EQ(Trainers::ClipGradientNorm(parameters, 0).item<float>(), 5);
      EXPECT_FLOAT_EQ(parameters[1].grad().item<float>(), 4) << "0 is off";
      EXPECT_FLOAT_EQ(Trainers::ClipGradientNorm(parameters, 10).item<float>(), 5);
      EXPECT_FLOAT_EQ(parameters[1].grad().item<float>(), 4) << "below the limit nothing changes";
      EXPECT_FLOAT_EQ(Trainers::ClipGradientNorm(parameters, 2.5).item<float>(), 5) << "as it was";
      EXPECT_NEAR(parameters[1].grad().item<float>(), 2, 1e-5);
      EXPECT_NEAR(parameters[0].grad()[0].item<float>(), 1.5, 1e-5);
      EXPECT_FLOAT_EQ(Trainers::ClipGradientNorm({torch::zeros({2})}, 1).item<float>(), 0) << "there is none";
    }

    TEST(TorchDevice, TheCpuIsAlwaysThere)
    {
      const auto chosen = Predict::TorchDevice::Choose(Predict::DeviceChoice::Cpu);
      EXPECT_TRUE(chosen.device.is_cpu());
      EXPECT_EQ(chosen.name, "cpu");
      EXPECT_EQ(chosen.note, "");
    }

    TEST(TorchDevice, AGpuThatIsAskedForAndMissingIsAnErrorWithTheReason)
    {
      const auto automatic = Predict::TorchDevice::Choose(Predict::DeviceChoice::Auto);
      if (automatic.device.is_cuda())
      {
        GTEST_SKIP() << "there is " << automatic.name;
      }
      EXPECT_NE(automatic.note, "");
      try
      {
        Predict::TorchDevice::Choose(Predict::DeviceChoice::Cuda);
        FAIL() << "must refuse";
      }
      catch (const Error& error)
      {
        EXPECT_NE(std::string(error.what()).find(automatic.note), std::string::npos) << error.what();
      }
    }

    TEST(GradientAccumulation, MakesOneStepOfSeveralBatches)
    {
      const Data::SliceDataset dataset = MakeDataset();
      auto options = Trainers::MaskedTrainerOptions::Recommended();
      options.steps = 2;
      options.accumulation = 4;
      options.batch.batchSize = 2;
      std::vector<double> told;
      Trainers::MaskedTrainer(MakeAutoencoder(), dataset, options)
        .Run([&told](const Trainers::MaskedStepReport& step) { told.push_back(step.reconstruction); });
      EXPECT_EQ(told.size(), 2U) << "steps, not batches";

      // The first step's loss is the mean over its four batches, each of which is known by its number.
      Network::MaskedAutoencoder network = MakeAutoencoder();
      network->train();
      const Trainers::MaskedBatchSampler sampler(dataset, options.batch);
      double mean = 0;
      for (std::size_t i = 0; i < options.accumulation; i++)
      {
        const auto batch = sampler.Draw(i);
        mean +=
          Objectives::MaskedReconstructionLoss(network(batch.masked), batch.image, batch.patchMask).item<double>();
      }
      EXPECT_NEAR(told.front(), mean / 4, 1e-6);
    }

    // The first number that is drawn in a step, whatever was drawn before.
    float DrawNoise(torch::Device device, std::uint64_t before, std::uint64_t step)
    {
      torch::manual_seed(before);
      Ranks::SharedBatch(nullptr, 8).SeedNoise(3, step, device);
      return torch::rand({1}).item<float>();
    }

    TEST(SharedBatch, OffTheCpuTheNoiseFollowsFromTheStepAlone)
    {
      const torch::Device gpu(torch::kCUDA);
      EXPECT_EQ(DrawNoise(gpu, 1, 5), DrawNoise(gpu, 2, 5));
      EXPECT_NE(DrawNoise(gpu, 1, 5), DrawNoise(gpu, 1, 6));
      EXPECT_EQ(DrawNoise(torch::kCPU, 1, 5), DrawNoise(torch::kCPU, 1, 6)) << "the checkpoint keeps the generator";
      EXPECT_NE(DrawNoise(torch::kCPU, 1, 5), DrawNoise(torch::kCPU, 2, 5));
    }

    TEST_F(DeviceTraining, AResumedRunDrawsTheNoiseThatTheWholeOneDrew)
    {
      const Testing::TemporaryFolder folder;
      const std::filesystem::path checkpoint = folder.GetPath() / "checkpoint.safetensors";
      const std::vector<double> whole = CoTrainWithNoise(dataset_, gpu_.device, checkpoint);
      const std::vector<double> resumed = CoTrainWithNoise(dataset_, gpu_.device, checkpoint);
      ASSERT_EQ(whole.size(), 3U);
      ExpectNear(whole, resumed, 0.003, 0.01);
    }

    TEST_F(DeviceTraining, AGpuLearnsAsTheCpuDoes)
    {
      ExpectNear(CoTrain(dataset_, torch::kCPU, false), CoTrain(dataset_, gpu_.device, false), 0.003, 0.2);
    }

    TEST_F(DeviceTraining, MixedPrecisionLearnsToo)
    {
      ExpectNear(CoTrain(dataset_, torch::kCPU, false), CoTrain(dataset_, gpu_.device, true), 0.03, 0.3);
    }

    TEST_F(DeviceTraining, AGpuPreTrainsAsTheCpuDoes)
    {
      ExpectNear(PreTrain(dataset_, torch::kCPU), PreTrain(dataset_, gpu_.device), 0.003, 0.2);
    }
  }
}
