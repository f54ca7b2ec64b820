// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Predict/ResultJson.h"
#include "Inference/Predict/StudyPredictor.h"
#include "Inference/Protocol/Error.h"
#include "UnitTests/Inference/Preprocess/SyntheticVolume.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Predict;
  using Preprocess::SyntheticVolume;

  // Answers without a network: what is dark in the middle of the head is tumour of class 1; slice k is altered with
  // probability k / 100. Notes the batches.
  class FakeBackend : public IBackend
  {
  public:
    explicit FakeBackend(bool hasSegmentation = true)
    {
      info_.batchSize = 4;
      info_.inputSize = 128;
      info_.hasSegmentation = hasSegmentation;
    }

    const BackendInfo& GetInfo() const noexcept override
    {
      return info_;
    }

    NetworkOutput RunNetwork(std::span<const float>, std::size_t) override
    {
      return {};
    }

    BatchResult RunBatch(const SliceBatch& batch) override
    {
      batches.emplace_back(batch.slices.begin(), batch.slices.end());
      const std::size_t plane = info_.inputSize * info_.inputSize;
      const std::size_t native = batch.study->GetVolume().GetSliceSize();
      BatchResult result;
      result.networkMs = 10;
      std::vector<float> signature;  // of one value: the number of the slice
      for (std::size_t i = 0; i < batch.slices.size(); ++i)
      {
        std::vector<float> image(plane);
        batch.study->WriteSlice(batch.slices[i], image);
        std::vector<float> logits(3 * plane, 0.0f);
        for (std::size_t k = 0; k < plane; ++k)
        {
          const std::size_t row = k / info_.inputSize;
          const std::size_t column = k % info_.inputSize;
          const std::size_t quarter = info_.inputSize / 4;
          const bool isMiddle =
            row >= quarter && row < 3 * quarter && column >= quarter && column < 3 * quarter && info_.hasSegmentation;
          logits[plane + k] = isMiddle ? 0.2f - (image[k] * 0.202f + 0.154f) : -1.0f;
          logits[2 * plane + k] = -1;
        }
        result.tumourPixels.push_back(batch.study->RestoreMask(logits, batch.masks.subspan(i * native, native)));
        result.probabilityAltered.push_back(static_cast<double>(batch.slices[i]) / 100);
        signature.push_back(static_cast<float>(batch.slices[i]));
      }
      result.signatures = {signature};
      return result;
    }

    // The middle of the grid speaks, of the first image of a batch half as much as of the others.
    std::vector<float> ComputeSaliency(std::span<const float> images, std::size_t count, std::int64_t genotype) override
    {
      explained.emplace_back(count, genotype);
      const std::size_t plane = info_.inputSize * info_.inputSize;
      std::vector<float> maps(images.size(), 0.0f);
      for (std::size_t i = 0; i < count; ++i)
      {
        maps[i * plane + (info_.inputSize / 2) * info_.inputSize + info_.inputSize / 2] = i == 0 ? 3.0f : 6.0f;
      }
      return maps;
    }

    std::vector<std::vector<std::size_t>> batches;
    std::vector<std::pair<std::size_t, std::int64_t>> explained;  // images and genotype of each call

  private:
    BackendInfo info_;
  };

  // A black square of `sideMm` in one slice.
  void PaintLesion(SyntheticVolume& volume, std::size_t slice, double sideMm)
  {
    const auto& geometry = volume.geometry;
    const auto rows = static_cast<std::size_t>(sideMm / geometry.pixelSpacingMm[0]);
    const auto columns = static_cast<std::size_t>(sideMm / geometry.pixelSpacingMm[1]);
    for (std::size_t i = 0; i < rows; ++i)
    {
      for (std::size_t j = 0; j < columns; ++j)
      {
        volume.At(slice, geometry.rows / 2 + i, geometry.columns / 2 + j) = 0;
      }
    }
  }

  void Clear(SyntheticVolume& volume, std::size_t slice)
  {
    std::fill_n(volume.voxels.begin() + static_cast<std::ptrdiff_t>(slice * volume.geometry.GetSliceSize()),
                volume.geometry.GetSliceSize(), 5.0f);
  }

  TEST(StudyPredictor, PutsTumourWhereItIsOnTheNativeGrid)
  {
    SyntheticVolume volume(6, 200, 150, 1.0, 1.4);
    PaintLesion(volume, 3, 42);
    FakeBackend backend;
    const StudyResult result = StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), {});
    ASSERT_EQ(result.masks.size(), 1u);
    ASSERT_TRUE(result.masks.contains(3));
    const auto& mask = result.masks.at(3);
    ASSERT_EQ(mask.size(), 200u * 150u);
    EXPECT_EQ(mask[(100 + 20) * 150 + 75 + 15], 1);
    EXPECT_EQ(mask[(100 - 4) * 150 + 75 + 15], 0);
    EXPECT_EQ(mask[(100 + 46) * 150 + 75 + 15], 0);
    EXPECT_EQ(mask[(100 + 20) * 150 + 75 - 4], 0);
    EXPECT_EQ(mask[(100 + 20) * 150 + 75 + 34], 0);
    EXPECT_NEAR(result.tumourVolumeMm3, 42 * 42 * 5, 0.1 * 42 * 42 * 5);
    EXPECT_EQ(result.patient.call, GenotypeCall::WildType);
    EXPECT_DOUBLE_EQ(*result.patient.probabilityAltered, 0.03);
  }

  TEST(StudyPredictor, KeepsMasksBelowTheMinimumAreaApartWhenAsked)
  {
    SyntheticVolume volume(6, 128, 128, 1.6, 1.6);
    PaintLesion(volume, 2, 10);
    PaintLesion(volume, 3, 42);
    FakeBackend backend;
    StudyPredictor predictor(backend, Preprocess::Framing::Head);
    ScoreRules rules;
    rules.minimumTumourAreaMm2 = 500;
    EXPECT_TRUE(predictor.Run(volume.GetView(), rules).smallMasks.empty());
    rules.keepsSmallMasks = true;
    const StudyResult result = predictor.Run(volume.GetView(), rules);
    ASSERT_EQ(result.smallMasks.size(), 1u);
    EXPECT_GT(std::count(result.smallMasks.at(2).begin(), result.smallMasks.at(2).end(), 1), 0);
    ASSERT_EQ(result.masks.size(), 1u);
    EXPECT_EQ(result.tumourVoxels,
              static_cast<std::size_t>(std::count(result.masks.at(3).begin(), result.masks.at(3).end(), 1)))
      << "what is taken as tumour-free has no volume";
    EXPECT_EQ(result.patient.chosen.size(), 1u);
  }

  TEST(StudyPredictor, ExplainsTheGenotypeOnlyWhereItIsAskedForAndThereIsOne)
  {
    SyntheticVolume volume(6, 128, 128, 1.6, 1.6);
    FakeBackend backend;
    StudyPredictor predictor(backend, Preprocess::Framing::Head);
    EXPECT_TRUE(predictor.Run(volume.GetView(), {}, {}, SaliencyChoice::All).saliency.empty()) << "no tumour";
    PaintLesion(volume, 3, 42);
    EXPECT_TRUE(predictor.Run(volume.GetView(), {}).saliency.empty());
    EXPECT_TRUE(backend.explained.empty()) << "off costs nothing";
  }

  TEST(StudyPredictor, ExplainsTheSliceWithMostTumourOrAllThatCountOnOneScale)
  {
    SyntheticVolume volume(6, 128, 128, 1.6, 1.6);
    PaintLesion(volume, 1, 30);
    PaintLesion(volume, 3, 42);
    FakeBackend backend;
    StudyPredictor predictor(backend, Preprocess::Framing::Head);
    const StudyResult key = predictor.Run(volume.GetView(), {}, {}, SaliencyChoice::Key);
    ASSERT_EQ(key.saliency.size(), 1u);
    EXPECT_EQ(key.saliency.begin()->first, 3u);
    const std::vector<std::uint8_t>& map = key.saliency.at(3);
    ASSERT_EQ(map.size(), 128u * 128u);
    EXPECT_GT(*std::max_element(map.begin(), map.end()), 60) << "a single grid pixel, interpolated";
    EXPECT_EQ(map.front(), 0);
    EXPECT_EQ(DescribeResult(key)["saliency"]["slices"][0].asUInt(), 3u);
    // Slices 1 and 3 are altered with 1 and 3 %: the call is wild type.
    using Calls = std::vector<std::pair<std::size_t, std::int64_t>>;
    EXPECT_EQ(backend.explained, (Calls{{1, Network::GENOTYPE_WILD_TYPE}}));

    const StudyResult all = predictor.Run(volume.GetView(), {}, {}, SaliencyChoice::All);
    ASSERT_EQ(all.saliency.size(), 2u);
    const auto Highest = [&all](std::size_t slice)
    { return int{*std::max_element(all.saliency.at(slice).begin(), all.saliency.at(slice).end())}; };
    EXPECT_NEAR(Highest(1) * 2, Highest(3), 1) << "divided by the study's maximum, not by each slice's own";
  }

  TEST(StudyPredictor, SkipsSlicesWithoutHeadAndSplitsTheRestInOrder)
  {
    SyntheticVolume volume(12, 64, 64, 3, 3);
    Clear(volume, 0);
    Clear(volume, 5);
    FakeBackend backend;
    const StudyResult result = StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), {});
    using Indices = std::vector<std::size_t>;
    EXPECT_EQ(backend.batches, (std::vector<Indices>{{1, 2, 3, 4}, {6, 7, 8, 9}, {10, 11}}));
    EXPECT_EQ(result.scores.size(), 10u);
    EXPECT_EQ(result.patient.call, GenotypeCall::NotDetermined);
    EXPECT_TRUE(result.masks.empty());
  }

  TEST(StudyPredictor, SaysHowManySlicesItLeftOut)
  {
    SyntheticVolume volume(12, 64, 64, 3, 3);
    FakeBackend backend;
    EXPECT_TRUE(StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), {}).warnings.empty());
    Clear(volume, 0);
    EXPECT_EQ(StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), {}).warnings,
              std::vector<std::string>{"1 of 12 slices shows too little of the head and was not examined"});
    Clear(volume, 5);
    EXPECT_EQ(StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), {}).warnings,
              std::vector<std::string>{"2 of 12 slices show too little of the head and were not examined"});
  }

  TEST(StudyPredictor, TakesOneSliceAndFiveHundred)
  {
    for (const std::size_t slices : {std::size_t{1}, std::size_t{500}})
    {
      SyntheticVolume volume(slices, 64, 80, 3, 2.5);
      PaintLesion(volume, slices - 1, 40);
      FakeBackend backend;
      const StudyResult result = StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), {});
      EXPECT_EQ(result.scores.size(), slices);
      ASSERT_EQ(result.masks.size(), 1u);
      EXPECT_EQ(result.masks.begin()->first, slices - 1);
    }
  }

  TEST(StudyPredictor, LeavesOutAreasBelowTheMinimumAndSaysSo)
  {
    SyntheticVolume volume(4, 128, 128, 1.6, 1.6);
    PaintLesion(volume, 1, 40);
    PaintLesion(volume, 2, 16);
    FakeBackend backend;
    ScoreRules rules;
    rules.minimumTumourAreaMm2 = 600;
    const StudyResult result = StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), rules);
    EXPECT_EQ(result.masks.size(), 1u);
    EXPECT_TRUE(result.masks.contains(1));
    ASSERT_EQ(result.warnings.size(), 1u);
    EXPECT_NE(result.warnings[0].find("1 slice"), std::string::npos);
    const Json::Value json = DescribeResult(result);
    EXPECT_EQ(json["tumour"]["voxels"].asUInt64(), result.tumourVoxels);
    EXPECT_EQ(json["genotype"]["slices"].size(), 1u);
    EXPECT_EQ(json["slices_computed"].asUInt(), 4u);
    EXPECT_DOUBLE_EQ(json["network_ms_per_slice"].asDouble(), 2.5);
  }

  TEST(StudyPredictor, ScoresAllHeadSlicesWithoutSegmentation)
  {
    const SyntheticVolume volume(5, 64, 64, 3, 3);
    FakeBackend backend(false);
    const StudyResult result = StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), {});
    EXPECT_EQ(result.patient.chosen.size(), 5u);
    EXPECT_NEAR(*result.patient.probabilityAltered, 0.02, 1e-12);
    EXPECT_FALSE(DescribeResult(result)["tumour"]["found"].asBool());
    EXPECT_TRUE(DescribeResult(result)["genotype"]["agrees_with_mask"].isNull());
  }

  // Six slices have the mean signature 2.5.
  TEST(StudyPredictor, StatesNoGenotypeOfAStudyUnlikeThoseThatTheModelKnows)
  {
    SyntheticVolume volume(6, 128, 128, 1.6, 1.6);
    PaintLesion(volume, 3, 42);
    FakeBackend backend;
    const std::vector<std::optional<Weights::InputReference>> usual{
      Weights::InputReference({2.5F}, {1}, {0.5F, 1, 1.5F})};
    const std::vector<std::optional<Weights::InputReference>> other{Weights::InputReference({9}, {1}, {0.5F, 1, 1.5F})};
    ScoreRules rules;
    rules.minimumTypicality = 0.3;

    const StudyResult known = StudyPredictor(backend, Preprocess::Framing::Head, usual).Run(volume.GetView(), rules);
    EXPECT_DOUBLE_EQ(1, known.typicality->share);
    EXPECT_EQ(known.patient.call, GenotypeCall::WildType);

    const StudyResult odd =
      StudyPredictor(backend, Preprocess::Framing::Head, other).Run(volume.GetView(), rules, {}, SaliencyChoice::Key);
    EXPECT_DOUBLE_EQ(0.25, odd.typicality->share);
    EXPECT_TRUE(odd.abstained);
    EXPECT_EQ(odd.patient.call, GenotypeCall::NotDetermined);
    EXPECT_FALSE(odd.patient.probabilityAltered);
    EXPECT_NE(odd.patient.reason.find("3 of 3 patients"), std::string::npos) << odd.patient.reason;
    EXPECT_EQ(odd.masks.size(), 1u) << "the outline stays";
    EXPECT_TRUE(odd.saliency.empty());
    EXPECT_TRUE(DescribeResult(odd)["typicality"]["abstained"].asBool());

    rules.minimumTypicality = 0;
    const StudyResult asked = StudyPredictor(backend, Preprocess::Framing::Head, other).Run(volume.GetView(), rules);
    EXPECT_EQ(asked.patient.call, GenotypeCall::WildType) << "who wants an answer gets one";
    EXPECT_DOUBLE_EQ(0.25, asked.typicality->share);
  }

  TEST(StudyPredictor, SaysThatTooFewPatientsAreKnownForAnythingToBeUnusual)
  {
    SyntheticVolume volume(6, 128, 128, 1.6, 1.6);
    PaintLesion(volume, 3, 42);
    FakeBackend backend;
    const std::vector<std::optional<Weights::InputReference>> other{Weights::InputReference({9}, {1}, {0.5F, 1, 1.5F})};
    const auto Warn = [&](double minimum)
    {
      ScoreRules rules;
      rules.minimumTypicality = minimum;
      return StudyPredictor(backend, Preprocess::Framing::Head, other).Run(volume.GetView(), rules).warnings;
    };
    const std::vector<std::string> warned = Warn(0.02);
    ASSERT_EQ(warned.size(), Warn(0).size() + 1) << "nobody asked";
    EXPECT_EQ(warned.size(), Warn(0.3).size() + 1) << "it can be told, and was";
    const std::string text = "it knows 3 patients, and a typicality below 0.02 needs 50";
    EXPECT_TRUE(std::any_of(warned.begin(), warned.end(),
                            [&text](const std::string& warning) { return warning.find(text) != std::string::npos; }));
  }

  TEST(StudyPredictor, KnowsNothingOfTypicalityWithoutAReference)
  {
    const SyntheticVolume volume(6, 128, 128, 1.6, 1.6);
    FakeBackend backend;
    ScoreRules rules;
    rules.minimumTypicality = 1;
    const StudyResult result = StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), rules);
    EXPECT_FALSE(result.typicality);
    EXPECT_FALSE(result.abstained);
    EXPECT_TRUE(DescribeResult(result)["typicality"].isNull());
  }

  TEST(StudyPredictor, StopsBetweenBatchesWhenCancelled)
  {
    const SyntheticVolume volume(12, 64, 64, 3, 3);
    FakeBackend backend;
    int batches = 0;
    StudyHooks hooks;
    hooks.isCancelled = [&batches] { return batches == 2; };
    hooks.onBatch = [&batches] { ++batches; };
    try
    {
      StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), {}, hooks);
      FAIL() << "not cancelled";
    }
    catch (const Error& error)
    {
      EXPECT_EQ(error.GetCode(), ErrorCode::Cancelled);
    }
    EXPECT_EQ(backend.batches.size(), 2u);
  }

  TEST(StudyPredictor, RefusesConstantStudyBeforeTheNetworkRuns)
  {
    SyntheticVolume volume(3, 64, 64, 3, 3);
    std::fill(volume.voxels.begin(), volume.voxels.end(), 1.0f);
    FakeBackend backend;
    EXPECT_THROW(StudyPredictor(backend, Preprocess::Framing::Head).Run(volume.GetView(), {}), Error);
    EXPECT_TRUE(backend.batches.empty());
  }
}
