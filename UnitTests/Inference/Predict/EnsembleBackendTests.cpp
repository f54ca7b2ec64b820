// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Predict/EnsembleBackend.h"
#include "Inference/Protocol/Error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace H3K27M::Predict
{
  namespace
  {
    constexpr std::size_t SIZE = 16;
    constexpr std::size_t PLANE = SIZE * SIZE;

    // Answers every slice with the same logits.
    class ConstantBackend : public IBackend
    {
    public:
      ConstantBackend(float altered, std::vector<float> pixel, std::size_t inputSize = SIZE) :
        altered_(altered),
        pixel_(std::move(pixel))
      {
        info_.inputSize = inputSize;
        info_.batchSize = 4;
      }

      const BackendInfo& GetInfo() const noexcept override
      {
        return info_;
      }

      NetworkOutput RunNetwork(std::span<const float>, std::size_t count) override
      {
        NetworkOutput output;
        for (std::size_t i = 0; i < count; i++)
        {
          output.classLogits.insert(output.classLogits.end(), {altered_, 0});
          for (const float logit : pixel_)
          {
            output.segmentationLogits.insert(output.segmentationLogits.end(), PLANE, logit);
          }
        }
        return output;
      }

      BatchResult RunBatch(const SliceBatch&) override
      {
        throw Error(ErrorCode::Internal, "The ensemble makes masks of its own");
      }

      std::vector<float> ComputeSaliency(std::span<const float> images, std::size_t, std::int64_t) override
      {
        return std::vector<float>(images.size(), std::max(altered_, 0.0F));
      }

    private:
      float altered_;
      std::vector<float> pixel_;
      BackendInfo info_;
    };

    EnsembleBackend MakePair(std::unique_ptr<IBackend> first, std::unique_ptr<IBackend> second)
    {
      std::vector<std::unique_ptr<IBackend>> members;
      members.push_back(std::move(first));
      members.push_back(std::move(second));
      return EnsembleBackend(std::move(members));
    }

    BatchResult RunOnTwoSlices(EnsembleBackend& ensemble, std::vector<std::uint8_t>& masks)
    {
      std::vector<float> voxels(2 * 32 * 32, 100);
      for (std::size_t i = 0; i < voxels.size(); i += 3)
      {
        voxels[i] = 300;
      }
      Preprocess::VolumeView volume;
      volume.voxels = voxels;
      volume.slices = 2;
      volume.rows = 32;
      volume.columns = 32;
      Preprocess::PreprocessOptions options;
      options.inputSize = SIZE;
      options.framing = Preprocess::Framing::CentreSquare;
      const Preprocess::SliceTensor study(volume, options);
      const std::vector<std::size_t> slices{0, 1};
      return ensemble.RunBatch({&study, slices, masks});
    }

    double Sigmoid(double x)
    {
      return 1 / (1 + std::exp(-x));
    }

    TEST(EnsembleBackend, IsTheMeanOfTheSoftmaxesNotOfTheLogits)
    {
      auto ensemble = MakePair(std::make_unique<ConstantBackend>(4.0F, std::vector<float>{0, 3, 0}),
                               std::make_unique<ConstantBackend>(-1.0F, std::vector<float>{1, 0, 0}));
      const std::vector<float> images(2 * PLANE, 0);
      const NetworkOutput output = ensemble.RunNetwork(images, 2);
      ASSERT_EQ(output.classLogits.size(), 4U);
      const double mean = (Sigmoid(4) + Sigmoid(-1)) / 2;
      EXPECT_NEAR(std::exp(output.classLogits[2]), mean, 1e-6);
      EXPECT_NEAR(std::exp(output.classLogits[3]), 1 - mean, 1e-6);
      ASSERT_EQ(output.memberAltered.size(), 2U) << "what each says alone";
      EXPECT_NEAR(output.memberAltered[0].at(1), Sigmoid(4), 1e-6);
      EXPECT_NEAR(output.memberAltered[1].at(0), Sigmoid(-1), 1e-6);
      const double first = std::exp(3) / (2 + std::exp(3));
      const double second = 1 / (2 + std::exp(1));
      EXPECT_NEAR(std::exp(output.segmentationLogits[3 * PLANE + PLANE + 5]), (first + second) / 2, 1e-6);
    }

    TEST(EnsembleBackend, ASaliencyMapIsTheMeanOfTheMembersMaps)
    {
      auto ensemble = MakePair(std::make_unique<ConstantBackend>(4.0F, std::vector<float>{0, 3, 0}),
                               std::make_unique<ConstantBackend>(1.0F, std::vector<float>{1, 0, 0}));
      EXPECT_EQ(ensemble.ComputeSaliency(std::vector<float>(2 * PLANE, 0), 2, Network::GENOTYPE_ALTERED),
                std::vector<float>(2 * PLANE, 2.5F));
    }

    TEST(EnsembleBackend, MakesMasksAndProbabilitiesOfTheMeans)
    {
      auto ensemble = MakePair(std::make_unique<ConstantBackend>(2.0F, std::vector<float>{0, 9, 0}),
                               std::make_unique<ConstantBackend>(2.0F, std::vector<float>{0.5F, 0, 0}));
      std::vector<std::uint8_t> masks(2 * 32 * 32, 7);
      const BatchResult result = RunOnTwoSlices(ensemble, masks);
      ASSERT_EQ(result.probabilityAltered.size(), 2U);
      EXPECT_NEAR(result.probabilityAltered[1], Sigmoid(2), 1e-6);
      EXPECT_EQ(masks, std::vector<std::uint8_t>(2 * 32 * 32, 1));
    }

    TEST(EnsembleBackend, DoesNotAverageAwayWhatIsNotANumber)
    {
      auto ensemble = MakePair(
        std::make_unique<ConstantBackend>(std::numeric_limits<float>::quiet_NaN(), std::vector<float>{0, 0, 0}),
        std::make_unique<ConstantBackend>(1.0F, std::vector<float>{0, 0, 0}));
      const NetworkOutput output = ensemble.RunNetwork(std::vector<float>(PLANE, 0), 1);
      EXPECT_TRUE(std::isnan(output.classLogits[0]));
    }

    // A mask of such values is empty, which reads as "no tumour".
    TEST(EnsembleBackend, RefusesASegmentationThatIsNotFinite)
    {
      std::vector<std::uint8_t> masks(2 * 32 * 32, 7);
      for (const float broken : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                                 -std::numeric_limits<float>::infinity()})
      {
        auto inPlane = MakePair(std::make_unique<ConstantBackend>(2.0F, std::vector<float>{0, broken, 0}),
                                std::make_unique<ConstantBackend>(2.0F, std::vector<float>{0, 9, 0}));
        EXPECT_THROW(RunOnTwoSlices(inPlane, masks), Error) << broken;
        auto inClass = MakePair(std::make_unique<ConstantBackend>(2.0F, std::vector<float>{0, 9, 0}),
                                std::make_unique<ConstantBackend>(broken, std::vector<float>{0, 9, 0}));
        EXPECT_THROW(RunOnTwoSlices(inClass, masks), Error) << broken;
      }
    }

    TEST(EnsembleBackend, RefusesNetworksThatDoNotFitTogether)
    {
      EXPECT_THROW(EnsembleBackend({}), Error);
      EXPECT_THROW(MakePair(std::make_unique<ConstantBackend>(0.0F, std::vector<float>{0, 0, 0}, 16),
                            std::make_unique<ConstantBackend>(0.0F, std::vector<float>{0, 0, 0}, 32)),
                   Error);
    }
  }
}
