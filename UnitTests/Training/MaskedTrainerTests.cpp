// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Network/GenotypeNet.h"
#include "Inference/Preprocess/Normalisation.h"
#include "Inference/Protocol/Error.h"
#include "Training/Trainers/CoTrainer.h"
#include "Training/Trainers/EncoderTransfer.h"
#include "Training/Trainers/MaskedTrainer.h"
#include "UnitTests/Support/TemporaryFolder.h"
#include "UnitTests/Training/DiscSource.h"

#include <gtest/gtest.h>

namespace H3K27M
{
  namespace
  {
    class MaskedTraining : public testing::Test
    {
    protected:
      MaskedTraining()
      {
        layout_.inputSize = 64;
        layout_.width = 16;
        options_.steps = 30;
        options_.batch.batchSize = 4;
        torch::set_num_threads(1);
      }

      Network::MaskedAutoencoder MakeNetwork() const
      {
        torch::manual_seed(3);
        return Network::MaskedAutoencoder(layout_);
      }

      Network::NetworkOptions layout_;
      Trainers::MaskedTrainerOptions options_ = Trainers::MaskedTrainerOptions::Recommended();
      Data::SliceDataset dataset_{Testing::DiscSource(4), {64, 1}, [](std::size_t) {}};
    };

    TEST_F(MaskedTraining, LearnsToFillInWhatIsMasked)
    {
      options_.steps = 60;
      options_.peakRate = 3e-3;
      Trainers::MaskedTrainer trainer(MakeNetwork(), dataset_, options_);
      double first = 0;
      double last = 0;
      trainer.Run([&](const Trainers::MaskedStepReport& step)
      {
        first += step.step <= 10 ? step.reconstruction : 0;
        last += step.step > 50 ? step.reconstruction : 0;
      });
      EXPECT_LT(last, first / 2);
    }

    // Bit-equal, also for Adam, whose state is of another type than AdamW's.
    TEST_F(MaskedTraining, GoesOnFromACheckpointAsIfItHadNeverStopped)
    {
      for (const bool decouples : {true, false})
      {
        options_.steps = 6;
        options_.decouples = decouples;
        const Testing::TemporaryFolder folder;
        const std::filesystem::path file = folder.GetPath() / "checkpoint.safetensors";
        Network::MaskedAutoencoder whole = MakeNetwork();
        Trainers::MaskedTrainer trainer(whole, dataset_, options_);
        trainer.Run([&](const Trainers::MaskedStepReport& step)
        {
          if (step.step == 4)
          {
            trainer.MakeCheckpoint("run").Save(file);
          }
        });
        Network::MaskedAutoencoder resumed = MakeNetwork();
        Trainers::MaskedTrainer second(resumed, dataset_, options_);
        second.Restore(Trainers::Checkpoint::Load(file, "run"));
        second.Run([](const Trainers::MaskedStepReport&) {});
        for (const auto& item : whole->named_parameters())
        {
          EXPECT_TRUE(torch::equal(item.value(), resumed->named_parameters()[item.key()])) << item.key();
        }
      }
    }

    TEST_F(MaskedTraining, StopsWhenItDiverges)
    {
      options_.peakRate = 1e9;
      options_.clipNorm = 0;
      options_.warmUpShare = 0;
      options_.hasSchedule = false;
      Trainers::MaskedTrainer trainer(MakeNetwork(), dataset_, options_);
      EXPECT_THROW(trainer.Run([](const Trainers::MaskedStepReport&) {}), Error);
    }

    TEST_F(MaskedTraining, MasksTheStatedShareOfPatchesAtZeroIntensity)
    {
      options_.batch.maskRatio = 0.45;
      const Trainers::MaskedBatch batch = Trainers::MaskedBatchSampler(dataset_, options_.batch).Draw(7);
      EXPECT_EQ(batch.patchMask.sum().item<double>(), 4 * 7) << "0.45 of 16 patches in each of four images";
      const torch::Tensor hidden = batch.masked != batch.image;
      EXPECT_LE(hidden.sum().item<std::int64_t>(), 4 * 7 * 16 * 16 * 3);
      const double zero = -Preprocess::INTENSITY_MEAN / Preprocess::INTENSITY_DEVIATION;
      EXPECT_TRUE(torch::allclose(batch.masked.masked_select(hidden),
                                  torch::full({1}, zero).expand({hidden.sum().item<std::int64_t>()})));
      const Trainers::MaskedBatch again = Trainers::MaskedBatchSampler(dataset_, options_.batch).Draw(7);
      EXPECT_TRUE(torch::equal(batch.masked, again.masked));
    }

    TEST_F(MaskedTraining, GivesItsBackboneToANetworkOfAnotherInputSize)
    {
      const Weights::TensorMap encoder = Weights::TensorMap::FromModule(*MakeNetwork());
      Network::NetworkOptions target = layout_;
      target.inputSize = 32;
      Network::GenotypeNet network(target);
      const Weights::TensorMap weights =
        Trainers::TransferEncoder(encoder, 64, target, Weights::TensorMap::FromModule(*network));
      weights.CopyInto(*network);
      EXPECT_TRUE(torch::equal(network->named_parameters()["model.encoder.init_layer.0.weight"],
                               encoder.Get("encoder.init_layer.0.weight")));

      target.width = 24;
      Network::GenotypeNet wider(target);
      EXPECT_THROW(Trainers::TransferEncoder(encoder, 64, target, Weights::TensorMap::FromModule(*wider)), Error);
    }

    TEST_F(MaskedTraining, AFrozenEncoderStaysAsItWasUntilItIsReleased)
    {
      Trainers::CoTrainerOptions options = Trainers::CoTrainerOptions::Recommended();
      options.steps = 4;
      options.freezeEncoderSteps = 2;
      options.batch.batchSize = 4;
      torch::manual_seed(3);
      Network::GenotypeNet network(layout_);
      const torch::Tensor before = network->named_parameters()["model.encoder.init_layer.0.weight"].detach().clone();
      const torch::Tensor mean = network->named_buffers()["model.encoder.init_layer.1.running_mean"].clone();
      Trainers::CoTrainer trainer(network, dataset_, options);
      trainer.Run([&](const Trainers::StepReport& step)
      {
        const bool isEqual = torch::equal(before, network->named_parameters()["model.encoder.init_layer.0.weight"]) &&
                             torch::equal(mean, network->named_buffers()["model.encoder.init_layer.1.running_mean"]);
        EXPECT_EQ(isEqual, step.step <= 2) << "step " << step.step;
      });
    }
  }
}
