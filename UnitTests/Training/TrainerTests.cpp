// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Phantom/RandomSource.h"
#include "Inference/Preprocess/Normalisation.h"
#include "Inference/Protocol/Error.h"
#include "Training/Data/Augmentation.h"
#include "Training/Data/PhantomCaseSource.h"
#include "Training/Trainers/BatchSampler.h"
#include "Training/Trainers/CoTrainer.h"
#include "Training/Trainers/Schedule.h"
#include "Training/Trainers/StagedTraining.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Training/DiscSource.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <set>
#include <utility>
#include <vector>

namespace H3K27M
{
  namespace
  {
    constexpr std::size_t IMAGE_SIZE = 48;

    // Tumour slices alone, each in its turn, as they are.
    Trainers::BatchOptions TakeTurns()
    {
      Trainers::BatchOptions options;
      options.batchSize = 4;
      options.tumourFreeShare = 0;
      options.isBalanced = false;
      options.augmentation = Data::AugmentationOptions::None();
      return options;
    }

    Data::SliceDataset MakeDataset(std::size_t cases, unsigned int threads)
    {
      return Data::SliceDataset(Testing::DiscSource(cases), {IMAGE_SIZE, threads}, [](std::size_t) {});
    }

    Network::NetworkOptions MakeOptions()
    {
      Network::NetworkOptions options;
      options.inputSize = IMAGE_SIZE;
      options.width = 16;
      return options;
    }

    Trainers::CoTrainerOptions MakeTrainerOptions(std::size_t steps)
    {
      auto options = Trainers::CoTrainerOptions::Recommended();
      options.steps = steps;
      options.peakRate = 3e-3;
      options.batch.augmentation = Data::AugmentationOptions::None();
      return options;
    }

    // Parameters after a short run.
    torch::Tensor Train(const Data::SliceDataset& dataset, std::size_t steps, std::uint64_t seed)
    {
      torch::manual_seed(seed);
      Network::GenotypeNet network(MakeOptions());
      auto options = MakeTrainerOptions(steps);
      options.batch.seed = seed;
      Trainers::CoTrainer(network, dataset, options).Run([](const Trainers::StepReport&) {});
      std::vector<torch::Tensor> flat;
      for (const torch::Tensor& parameter : network->parameters())
      {
        flat.push_back(parameter.detach().flatten());
      }
      return torch::cat(flat);
    }

    TEST(SliceDataset, SortsSlicesByTumourAndGenotype)
    {
      const auto dataset = MakeDataset(4, 1);
      EXPECT_EQ(dataset.GetTumourSlices(Network::GENOTYPE_ALTERED).size(), 4U);
      EXPECT_EQ(dataset.GetTumourSlices(Network::GENOTYPE_WILD_TYPE).size(), 4U);
      EXPECT_EQ(dataset.GetTumourFreeSlices().size(), 16U);
      for (const std::size_t i : dataset.GetTumourSlices(Network::GENOTYPE_ALTERED))
      {
        const Data::StoredSlice& slice = dataset.GetSlices()[i];
        EXPECT_EQ(slice.caseIndex % 2, 0U);
        EXPECT_GT(slice.tumourPixels, 100U);
        EXPECT_EQ(slice.image.size(), IMAGE_SIZE * IMAGE_SIZE);
      }
    }

    TEST(SliceDataset, DoesNotDependOnTheNumberOfThreads)
    {
      const auto one = MakeDataset(5, 1);
      const auto three = MakeDataset(5, 3);
      ASSERT_EQ(one.GetSlices().size(), three.GetSlices().size());
      for (std::size_t i = 0; i < one.GetSlices().size(); i++)
      {
        EXPECT_EQ(one.GetSlices()[i].image, three.GetSlices()[i].image);
        EXPECT_EQ(one.GetSlices()[i].mask, three.GetSlices()[i].mask);
      }
    }

    TEST(PhantomCaseSource, GivesVolumeMaskAndLabel)
    {
      Phantom::PhantomDatasetOptions options;
      options.count = 3;
      options.tumourFreeShare = 0;
      const Data::PhantomCaseSource source(options);
      std::set<std::int64_t> genotypes;
      for (std::size_t i = 0; i < source.GetCount(); i++)
      {
        const auto loaded = source.Load(i);
        genotypes.insert(loaded.genotype);
        EXPECT_EQ(loaded.voxels.size(), loaded.slices * loaded.rows * loaded.columns);
        EXPECT_EQ(loaded.mask.size(), loaded.voxels.size());
        EXPECT_TRUE(loaded.hasTumour);
        EXPECT_GT(std::count(loaded.mask.begin(), loaded.mask.end(), 1), 0);
      }
      EXPECT_EQ(genotypes.size(), 2U);
    }

    TEST(PhantomCaseSource, RefusesWhatAFolderOfPhantomsRefuses)
    {
      const auto make = [](const std::function<void(Phantom::PhantomDatasetOptions&)>& change)
      {
        Phantom::PhantomDatasetOptions options;
        options.count = 3;
        change(options);
        return Tests::GetRefusal([&options] { const Data::PhantomCaseSource source(options); });
      };
      using Options = Phantom::PhantomDatasetOptions;
      EXPECT_EQ(make([](Options&) {}), "accepted");
      EXPECT_NE(make([](Options& options) { options.count = 0; }).find("count"), std::string::npos);
      EXPECT_NE(make([](Options& options) { options.tumourFreeShare = 1.5; }).find("share"), std::string::npos);
      EXPECT_NE(make([](Options& options) { options.tumourFreeShare = std::numeric_limits<double>::quiet_NaN(); })
                  .find("share"),
                std::string::npos);
      EXPECT_NE(make([](Options& options) { options.firstSeed = UINT64_MAX - 1; }).find("seeds"), std::string::npos)
        << "the third one would be 0";
      EXPECT_NE(make([](Options& options) { options.maximumMatrix = 8; }).find("matrix"), std::string::npos);
      EXPECT_NE(make([](Options& options) { options.signalStrength = 2; }), "accepted");
    }

    // 3 altered and 2 wild-type discs of 2 tumour slices each: 10 slices, in batches of 4.
    TEST(BatchSampler, GivesEachSliceItsTurnInAnEpochWhereNotBalanced)
    {
      const auto dataset = MakeDataset(5, 1);
      const Trainers::BatchSampler sampler(dataset, TakeTurns());
      double altered = 0;
      std::multiset<double> sums;
      for (std::size_t step = 0; step < 5; step++)
      {
        const auto batch = sampler.Draw(step);
        altered += (batch.target.label == Network::GENOTYPE_ALTERED).sum().item<double>();
        for (std::int64_t i = 0; i < 4; i++)
        {
          sums.insert(batch.image[i].to(torch::kFloat64).sum().item<double>());
        }
      }
      EXPECT_EQ(altered, 2 * 6) << "two epochs, with the data's proportions";
      for (const double sum : sums)
      {
        EXPECT_EQ(sums.count(sum), 4U) << "a disc's two slices, which are alike, once in each of the two epochs";
      }
      EXPECT_TRUE(torch::equal(sampler.Draw(3).image, sampler.Draw(3).image));
    }

    TEST(BatchSampler, RefusesAShareThatRoundsToBatchesWithoutTumour)
    {
      const auto dataset = MakeDataset(4, 1);
      Trainers::BatchOptions options;
      options.batchSize = 1;
      EXPECT_NO_THROW(Trainers::BatchSampler(dataset, options));
      options.tumourFreeShare = 0.5;
      EXPECT_THROW(Trainers::BatchSampler(dataset, options), Error);
    }

    // Whoever changes this order changes what a run draws that an earlier version began.
    TEST(BatchSampler, DrawsTheTurnsThatARunBeganWith)
    {
      const auto dataset = MakeDataset(5, 1);
      Trainers::BatchOptions options = TakeTurns();
      options.seed = 9;
      std::vector<std::size_t> turns;
      for (std::uint64_t epoch = 0; epoch < 4; epoch++)
      {
        std::vector<std::size_t> order = dataset.GetTumourSlices(Network::GENOTYPE_ALTERED);
        const std::vector<std::size_t>& others = dataset.GetTumourSlices(Network::GENOTYPE_WILD_TYPE);
        order.insert(order.end(), others.begin(), others.end());
        Phantom::RandomSource random(options.seed ^ 0x6f726472ULL, epoch);
        for (std::size_t i = order.size(); i > 1; i--)
        {
          std::swap(order[i - 1], order[random.Index(static_cast<unsigned int>(i))]);
        }
        turns.insert(turns.end(), order.begin(), order.end());
      }
      const Trainers::BatchSampler sampler(dataset, options);
      for (const std::size_t step : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 7, 2})
      {
        const auto images = sampler.DrawSlices(step).image;
        const std::size_t plane = dataset.GetInputSize() * dataset.GetInputSize();
        for (std::size_t i = 0; i < 4; i++)
        {
          std::vector<float> expected(plane);
          std::vector<std::uint8_t> unused(plane);
          Phantom::RandomSource random(1, 1);
          Data::WriteAugmented(dataset.GetSlices()[turns[step * 4 + i]], options.augmentation, random, expected,
                               unused);
          EXPECT_TRUE(std::equal(expected.begin(), expected.end(), images.data_ptr<float>() + i * plane)) << step;
        }
      }
    }

    TEST(BatchSampler, KeepsTheSharesAndDependsOnTheStepAlone)
    {
      const auto dataset = MakeDataset(4, 1);
      Trainers::BatchOptions options;
      options.augmentation = Data::AugmentationOptions::Recommended();
      const Trainers::BatchSampler sampler(dataset, options);
      const auto batch = sampler.Draw(7);
      EXPECT_EQ(batch.image.sizes().vec(), (std::vector<std::int64_t>{8, 3, 48, 48}));
      EXPECT_EQ(batch.target.hasClass.sum().item<double>(), 6);
      for (std::int64_t i = 0; i < 8; i++)
      {
        const bool hasTumour = batch.target.hasClass[i].item<double>() == 1;
        const auto label = batch.target.label[i].item<std::int64_t>();
        EXPECT_EQ(batch.target.mask[i].max().item<std::int64_t>(), hasTumour ? label + 1 : 0);
      }
      EXPECT_EQ(batch.target.label.narrow(0, 0, 6).sum().item<std::int64_t>(), 3);
      EXPECT_TRUE(torch::equal(batch.image, Trainers::BatchSampler(dataset, options).Draw(7).image));
      EXPECT_FALSE(torch::equal(batch.image, sampler.Draw(8).image));
    }

    TEST(Augmentation, MovesImageAndMaskTogether)
    {
      const auto dataset = MakeDataset(1, 1);
      const Data::StoredSlice& slice = dataset.GetSlices()[dataset.GetTumourSlices(Network::GENOTYPE_ALTERED)[0]];
      // The mask painted as image: wherever the slice is moved to, both must agree.
      Data::StoredSlice painted = slice;
      std::transform(slice.mask.begin(), slice.mask.end(), painted.image.begin(),
                     [](std::uint8_t label) { return static_cast<std::uint8_t>(label * 255); });
      Data::AugmentationOptions options;
      options.brightness = options.contrast = 0;
      std::vector<float> image(IMAGE_SIZE * IMAGE_SIZE);
      std::vector<std::uint8_t> mask(IMAGE_SIZE * IMAGE_SIZE);
      std::size_t moved = 0;
      for (std::uint64_t seed = 0; seed < 20; seed++)
      {
        Phantom::RandomSource random(seed, 0);
        Data::WriteAugmented(painted, options, random, image, mask);
        for (std::size_t i = 0; i < mask.size(); i++)
        {
          const double unit = image[i] * Preprocess::INTENSITY_DEVIATION + Preprocess::INTENSITY_MEAN;
          EXPECT_NEAR(unit, mask[i], 0.76) << "seed " << seed;  // bilinear against nearest at the border
        }
        moved += mask == slice.mask ? 0 : 1;
      }
      EXPECT_GT(moved, 10U);
    }

    TEST(Augmentation, NoneLeavesTheSliceAlone)
    {
      const auto dataset = MakeDataset(1, 1);
      const Data::StoredSlice& slice = dataset.GetSlices()[2];
      std::vector<float> image(IMAGE_SIZE * IMAGE_SIZE);
      std::vector<std::uint8_t> mask(IMAGE_SIZE * IMAGE_SIZE);
      Phantom::RandomSource random(1, 0);
      Data::WriteAugmented(slice, Data::AugmentationOptions::None(), random, image, mask);
      for (std::size_t i = 0; i < image.size(); i++)
      {
        EXPECT_NEAR(image[i] * Preprocess::INTENSITY_DEVIATION + Preprocess::INTENSITY_MEAN, slice.image[i] / 255.0,
                    1e-6);
      }
    }

    TEST(Schedule, WarmsUpThenFallsToNothing)
    {
      const Trainers::Schedule schedule{1.0, 10, 110};
      EXPECT_DOUBLE_EQ(schedule.GetRate(0), 0.1);
      EXPECT_DOUBLE_EQ(schedule.GetRate(9), 1.0);
      EXPECT_DOUBLE_EQ(schedule.GetRate(10), 1.0);
      EXPECT_NEAR(schedule.GetRate(60), 0.5, 1e-12);
      EXPECT_LT(schedule.GetRate(109), 1e-3);
    }

    TEST(CoTrainer, OverfitsEightCases)
    {
      const auto dataset = MakeDataset(8, 1);
      torch::manual_seed(1);
      Network::GenotypeNet network(MakeOptions());
      Trainers::CoTrainer(network, dataset, MakeTrainerOptions(120)).Run([](const Trainers::StepReport&) {});
      ASSERT_FALSE(network->is_training());

      const torch::NoGradGuard noGrad;
      Trainers::BatchOptions options;
      options.batchSize = 32;
      options.augmentation = Data::AugmentationOptions::None();
      const auto batch = Trainers::BatchSampler(dataset, options).Draw(1000);
      const auto output = network(batch.image);
      const torch::Tensor predicted = output.seg_logits.argmax(1).ne(0);
      const torch::Tensor actual = batch.target.mask.ne(0);
      const double dice = 2.0 * (predicted & actual).sum().item<double>() /
                          (predicted.sum().item<double>() + actual.sum().item<double>());
      EXPECT_GT(dice, 0.9);
      const torch::Tensor right =
        output.cls_logits.argmax(1).eq(batch.target.label).to(torch::kFloat32) * batch.target.hasClass;
      EXPECT_GT(right.sum().item<double>() / batch.target.hasClass.sum().item<double>(), 0.95);
    }

    TEST(CoTrainer, SameSeedGivesTheSameWeightsToTheBit)
    {
      const auto dataset = MakeDataset(4, 1);
      const torch::Tensor first = Train(dataset, 5, 3);
      EXPECT_TRUE(torch::equal(first, Train(dataset, 5, 3)));
      EXPECT_FALSE(torch::equal(first, Train(dataset, 5, 4)));
    }

    TEST(StagedTraining, EndsWithTheLayoutItBeganWith)
    {
      const Data::SliceDataset dataset(Testing::DiscSource(2), {64, 1}, [](std::size_t) {});
      auto layout = MakeOptions();
      layout.inputSize = 64;
      const auto before = Weights::TensorMap::FromModule(*Network::GenotypeNet(layout));
      std::vector<std::int64_t> sizes;
      std::size_t written = 0;
      Trainers::StageObserver observer;
      observer.onStep = [&sizes](const Trainers::Stage& stage, const Trainers::StepReport&)
      { sizes.push_back(stage.inputSize); };
      observer.onStage = [&](const Trainers::Stage& stage, const Weights::TensorMap& weights)
      {
        auto small = layout;
        small.inputSize = stage.inputSize;
        Network::GenotypeNet network(small);
        weights.CopyInto(*network);  // throws unless every tensor fits
        written++;
      };
      const auto after = Trainers::TrainInStages(layout, {before}, dataset, MakeTrainerOptions(1),
                                                 Trainers::ParseStages("32:2,64:1", 64), observer);
      EXPECT_EQ(sizes, (std::vector<std::int64_t>{32, 32, 64}));
      EXPECT_EQ(written, 1U);
      Network::GenotypeNet whole(layout);
      after.CopyInto(*whole);
    }

    TEST(StagedTraining, RefusesStagesThatDoNotFit)
    {
      EXPECT_EQ(Trainers::ParseStages("256:7", 256).at(0).steps, 7U);
      for (const char* text : {"", "64", "64:", "64:0", "40:5,256:5", "96:5,256:5", "128:5", "256:5x", "-64:5,256:5"})
      {
        EXPECT_THROW(Trainers::ParseStages(text, 256), Error) << text;
      }
    }

    TEST(CoTrainer, StopsWithTheStepWhenTheLossDiverges)
    {
      const auto dataset = MakeDataset(4, 1);
      Network::GenotypeNet network(MakeOptions());
      {
        const torch::NoGradGuard noGrad;
        network->parameters()[0].fill_(std::numeric_limits<float>::quiet_NaN());
      }
      Trainers::CoTrainer trainer(network, dataset, MakeTrainerOptions(3));
      try
      {
        trainer.Run([](const Trainers::StepReport&) {});
        FAIL() << "must stop";
      }
      catch (const Error& error)
      {
        EXPECT_NE(std::string(error.what()).find("step 1"), std::string::npos) << error.what();
      }
    }

    TEST(CoTrainer, NeedsBothGenotypes)
    {
      const auto dataset = MakeDataset(1, 1);
      EXPECT_THROW(Trainers::CoTrainer(Network::GenotypeNet(MakeOptions()), dataset, MakeTrainerOptions(1)), Error);
    }
  }
}
