// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Network/GradCam.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Predict/SelfTest.h"
#include "Inference/Predict/StudyPredictor.h"
#include "Inference/Predict/TorchBackend.h"
#include "Inference/Protocol/Error.h"
#include "UnitTests/Inference/Predict/CudaEnvironment.h"
#include "UnitTests/Inference/Predict/TinyModel.h"
#include "UnitTests/Inference/Preprocess/SyntheticVolume.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Predict;

  constexpr std::size_t SIZE = 64;

  BackendOptions OnCpu(std::size_t batchSize = 4)
  {
    BackendOptions options;
    options.device = DeviceChoice::Cpu;
    options.batchSize = batchSize;
    options.threads = 2;
    return options;
  }

  NetworkOutput RunPublished(Network::GenotypeNet network, std::vector<float> images, std::int64_t count)
  {
    const torch::NoGradGuard guard;
    const torch::Tensor tensor =
      torch::from_blob(images.data(), {count, 1, SIZE, SIZE}).repeat({1, 3, 1, 1}).contiguous();
    const auto output = network->forward(tensor);
    const auto ToVector = [](const torch::Tensor& x)
    {
      const torch::Tensor dense = x.contiguous();
      return std::vector<float>(dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel());
    };
    return {ToVector(output.cls_logits),
            output.seg_logits.defined() ? ToVector(output.seg_logits) : std::vector<float>()};
  }

  void ExpectNear(const std::vector<float>& a, const std::vector<float>& b, float tolerance)
  {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
    {
      ASSERT_NEAR(a[i], b[i], tolerance) << "at " << i;
    }
  }

  class EachVariant : public testing::TestWithParam<Network::Variant>
  {
  };

  TEST_P(EachVariant, TunedNetworkEqualsPublishedOne)
  {
    const auto images = MakeSelfTestImages(SIZE);
    const NetworkOutput published = RunPublished(MakeTinyModel(7, GetParam()), images, 2);
    TorchBackend backend(MakeTinyModel(7, GetParam()), OnCpu());
    const NetworkOutput tuned = backend.RunNetwork(images, 2);
    ExpectNear(published.classLogits, tuned.classLogits, 1e-4f);
    ExpectNear(published.segmentationLogits, tuned.segmentationLogits, 1e-4f);
    const SelfTestReport report = CompareWithReference(published, tuned, Precision::Float32);
    EXPECT_TRUE(report.passed);
    // Another network must not pass for this one.
    TorchBackend other(MakeTinyModel(8, GetParam()), OnCpu());
    EXPECT_FALSE(CompareWithReference(published, other.RunNetwork(images, 2), Precision::Float32).passed);
  }

  TEST_P(EachVariant, TheTunedNetworksSaliencyIsThePublishedOnes)
  {
    auto images = MakeSelfTestImages(SIZE);
    TorchBackend backend(MakeTinyModel(7, GetParam()), OnCpu());
    const torch::Tensor tensor = torch::from_blob(images.data(), {2, 1, SIZE, SIZE}).repeat({1, 3, 1, 1}).contiguous();
    for (const std::int64_t genotype : {Network::GENOTYPE_ALTERED, Network::GENOTYPE_WILD_TYPE})
    {
      const torch::Tensor maps = Network::ComputeGradCam(MakeTinyModel(7, GetParam()), tensor, genotype);
      const std::vector<float> tuned = backend.ComputeSaliency(images, 2, genotype);
      EXPECT_GE(*std::min_element(tuned.begin(), tuned.end()), 0);
      const float highest = maps.max().item<float>();
      ExpectNear({maps.data_ptr<float>(), maps.data_ptr<float>() + maps.numel()}, tuned, 1e-3f * highest + 1e-7f);
      EXPECT_EQ(tuned, backend.ComputeSaliency(images, 2, genotype));
    }
  }

  INSTANTIATE_TEST_SUITE_P(TorchBackend, EachVariant,
                           testing::Values(Network::Variant::Classification, Network::Variant::Parallel,
                                           Network::Variant::Fusion));

  TEST(TorchBackend, SliceDoesNotDependOnItsBatch)
  {
    TorchBackend backend(MakeTinyModel(3), OnCpu());
    const auto images = MakeSelfTestImages(SIZE);
    const std::size_t plane = SIZE * SIZE;
    const NetworkOutput both = backend.RunNetwork(images, 2);
    const NetworkOutput second = backend.RunNetwork(std::span(images).subspan(plane), 1);
    ExpectNear({both.classLogits.begin() + 2, both.classLogits.end()}, second.classLogits, 1e-4f);
    ExpectNear(
      {both.segmentationLogits.begin() + static_cast<std::ptrdiff_t>(3 * plane), both.segmentationLogits.end()},
      second.segmentationLogits, 1e-4f);
  }

  TEST(TorchBackend, GivesTheSameBytesTwiceAndInASecondProcessImage)
  {
    const Preprocess::SyntheticVolume volume(9, 100, 90, 2, 2);
    TorchBackend first(MakeTinyModel(5), OnCpu());
    TorchBackend second(MakeTinyModel(5), OnCpu());
    ScoreRules rules;
    rules.minimumTumourAreaMm2 = 0;
    const auto a = StudyPredictor(first, Preprocess::Framing::Head).Run(volume.GetView(), rules);
    const auto b = StudyPredictor(first, Preprocess::Framing::Head).Run(volume.GetView(), rules);
    const auto c = StudyPredictor(second, Preprocess::Framing::Head).Run(volume.GetView(), rules);
    ASSERT_EQ(a.scores.size(), 9u);
    for (std::size_t i = 0; i < a.scores.size(); ++i)
    {
      EXPECT_EQ(a.scores[i].probabilityAltered, b.scores[i].probabilityAltered);
      EXPECT_EQ(a.scores[i].probabilityAltered, c.scores[i].probabilityAltered);
      EXPECT_GT(a.scores[i].probabilityAltered, 0);
      EXPECT_LT(a.scores[i].probabilityAltered, 1);
    }
    EXPECT_EQ(a.masks, b.masks);
    EXPECT_EQ(a.masks, c.masks);
  }

  TEST(TorchBackend, BatchSizeMovesResultsByRoundingOnly)
  {
    const Preprocess::SyntheticVolume volume(7, 96, 96, 2, 2);
    TorchBackend one(MakeTinyModel(5), OnCpu(1));
    TorchBackend many(MakeTinyModel(5), OnCpu(8));
    const auto a = StudyPredictor(one, Preprocess::Framing::Head).Run(volume.GetView(), {});
    const auto b = StudyPredictor(many, Preprocess::Framing::Head).Run(volume.GetView(), {});
    ASSERT_EQ(a.scores.size(), b.scores.size());
    for (std::size_t i = 0; i < a.scores.size(); ++i)
    {
      EXPECT_NEAR(a.scores[i].probabilityAltered, b.scores[i].probabilityAltered, 1e-5);
    }
  }

  TEST(TorchBackend, RefusesWhatItCannotDo)
  {
    BackendOptions options = OnCpu();
    options.precision = Precision::Float16;
    EXPECT_THROW(TorchBackend(MakeTinyModel(1), options), Error);
    TorchBackend backend(MakeTinyModel(1), OnCpu());
    EXPECT_THROW(backend.RunNetwork(std::vector<float>(10), 1), Error);
    EXPECT_THROW(backend.RunNetwork({}, 0), Error);
  }

  // The last layer's bias of one head, so that the other head stays finite.
  void Poison(Network::GenotypeNet& network, const std::string& parameter, float value)
  {
    const torch::NoGradGuard guard;
    bool found = false;
    for (auto& item : network->named_parameters())
    {
      if (item.key().ends_with(parameter))
      {
        item.value().view({-1})[0] = value;
        found = true;
      }
    }
    ASSERT_TRUE(found) << parameter;
  }

  TEST(TorchBackend, ANetworkThatAnswersNanOrInfinityIsAnErrorNotAHeadWithoutTumour)
  {
    const Preprocess::SyntheticVolume volume(3, 96, 96, 2, 2);
    for (const auto& [parameter, head] : {std::pair<std::string, std::string>{"cls_cls.bias", "class"},
                                          std::pair<std::string, std::string>{"logistic2.bias", "segmentation"}})
    {
      for (const float value : {std::nanf(""), HUGE_VALF})
      {
        Network::GenotypeNet network = MakeTinyModel(5);
        Poison(network, parameter, value);
        TorchBackend backend(network, OnCpu());
        try
        {
          StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), {});
          ADD_FAILURE() << parameter << " = " << value << " went through";
        }
        catch (const Error& error)
        {
          EXPECT_EQ(error.GetCode(), ErrorCode::Internal);
          EXPECT_NE(std::string(error.what()).find(head + " logits are not finite"), std::string::npos) << error.what();
        }
      }
    }
  }

  TEST(TorchBackend, Bf16StaysWithinItsTolerance)
  {
    if (!ProcessTuning::HasBFloat16Arithmetic())
    {
      GTEST_SKIP() << "this processor has no bf16 arithmetic";
    }
    const auto images = MakeSelfTestImages(SIZE);
    const NetworkOutput published = RunPublished(MakeTinyModel(7), images, 2);
    BackendOptions options = OnCpu();
    options.precision = Precision::BFloat16;
    TorchBackend backend(MakeTinyModel(7), options);
    const SelfTestReport report = CompareWithReference(published, backend.RunNetwork(images, 2), Precision::BFloat16);
    EXPECT_LE(report.classProbability, report.tolerance.classProbability);
    EXPECT_GT(report.classProbability, 0);
  }

  // LibTorch decides by the strides of the weights, and those of one channel tell nothing by themselves: the stem took
  // three times as long.
  TEST(TorchDevice, LaysTheWeightsOfOneInputChannelOutSoThatLibTorchSeesChannelsLast)
  {
    for (const std::int64_t channels : {1, 3})
    {
      torch::nn::Conv2d convolution(torch::nn::Conv2dOptions(channels, 8, 7));
      const torch::Tensor before = convolution->weight.detach().clone();
      UseChannelsLast(*convolution);
      EXPECT_EQ(torch::MemoryFormat::ChannelsLast, convolution->weight.suggest_memory_format()) << channels;
      EXPECT_TRUE(torch::equal(before, convolution->weight)) << channels;
    }
  }

  const auto* const CUDA = testing::AddGlobalTestEnvironment(new Testing::CudaEnvironment);

  TEST(TorchBackend, GpuEqualsCpu)
  {
    if (!ProcessTuning::LoadCudaLibraries().empty() || !torch::cuda::is_available())
    {
      GTEST_SKIP() << "no GPU: " << ProcessTuning::LoadCudaLibraries();
    }
    const Preprocess::SyntheticVolume volume(5, 300, 280, 0.7, 0.8);
    BackendOptions options;
    options.device = DeviceChoice::Cuda;
    options.precision = Precision::Float32;
    TorchBackend gpu(MakeTinyModel(5), options);
    TorchBackend cpu(MakeTinyModel(5), OnCpu());
    const auto a = StudyPredictor(cpu, Preprocess::Framing::Head).Run(volume.GetView(), {});
    const auto b = StudyPredictor(gpu, Preprocess::Framing::Head).Run(volume.GetView(), {});
    ASSERT_EQ(a.scores.size(), b.scores.size());
    for (std::size_t i = 0; i < a.scores.size(); ++i)
    {
      EXPECT_NEAR(a.scores[i].probabilityAltered, b.scores[i].probabilityAltered, 1e-3);
      EXPECT_NEAR(a.scores[i].tumourAreaMm2, b.scores[i].tumourAreaMm2, 0.002 * 300 * 280 * 0.56);
    }
  }

  // Recorded passes serve several numbers of images; what they answer must not depend on what came before.
  TEST(TorchBackend, HalfPrecisionOnAGpuAnswersForEachNumberOfImages)
  {
    if (!ProcessTuning::LoadCudaLibraries().empty() || !torch::cuda::is_available())
    {
      GTEST_SKIP() << "no GPU: " << ProcessTuning::LoadCudaLibraries();
    }
    BackendOptions options;
    options.device = DeviceChoice::Cuda;
    options.precision = Precision::Float16;
    TorchBackend gpu(MakeTinyModel(5), options);
    TorchBackend cpu(MakeTinyModel(5), OnCpu(32));
    const std::size_t plane = gpu.GetInfo().inputSize * gpu.GetInfo().inputSize;
    const std::vector<float> images = [plane]
    {
      torch::manual_seed(3);
      const torch::Tensor drawn = torch::randn({static_cast<std::int64_t>(40 * plane)});
      return std::vector<float>(drawn.const_data_ptr<float>(), drawn.const_data_ptr<float>() + drawn.numel());
    }();
    for (const std::size_t count : {3U, 32U, 8U, 40U, 3U})
    {
      const NetworkOutput a = cpu.RunNetwork(std::span(images).first(count * plane), count);
      const NetworkOutput b = gpu.RunNetwork(std::span(images).first(count * plane), count);
      ASSERT_EQ(a.classLogits.size(), b.classLogits.size()) << count;
      for (std::size_t i = 0; i < a.classLogits.size(); ++i)
      {
        EXPECT_NEAR(a.classLogits[i], b.classLogits[i], 0.02) << count << " images, logit " << i;
      }
      double worst = 0;
      for (std::size_t i = 0; i < a.segmentationLogits.size(); ++i)
      {
        worst = std::max(worst, std::abs(static_cast<double>(a.segmentationLogits[i]) - b.segmentationLogits[i]));
      }
      EXPECT_LT(worst, 0.05) << count;
    }
  }
}
