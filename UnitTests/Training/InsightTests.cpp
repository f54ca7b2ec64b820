// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What figures show of a network's inside: t-SNE of its features, saliency.

#include "Inference/Network/Axes.h"
#include "Inference/Network/GradCam.h"
#include "Inference/Predict/TorchBackend.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Safetensors.h"
#include "Inference/Weights/ModelPackage.h"
#include "Inference/Weights/TensorMap.h"
#include "Training/Data/PhantomCaseSource.h"
#include "Training/Evaluation/NeighbourEmbedding.h"
#include "Training/Reports/SaliencyTable.h"
#include "Training/Reports/SliceGrids.h"
#include "Training/Runs/FeatureMaps.h"
#include "Training/Runs/RunFiles.h"
#include "Training/Runs/SaliencyMaps.h"
#include "Training/Trainers/SliceImage.h"
#include "UnitTests/Support/TemporaryFolder.h"
#include "UnitTests/Training/DiscSource.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace H3K27M
{
  namespace
  {
    using Evaluation::NeighbourEmbedding;

    // Three groups of 20 points in 30 dimensions, ten standard deviations apart.
    torch::Tensor MakeGroups()
    {
      torch::manual_seed(3);
      torch::Tensor points = torch::randn({60, 30});
      points.slice(0, 20, 40).select(1, 0) += 10;
      points.slice(0, 40, 60).select(1, 1) += 10;
      return points;
    }

    TEST(NeighbourEmbedding, KeepsNeighboursTogether)
    {
      const torch::Tensor positions = NeighbourEmbedding{10, 1}.Embed(MakeGroups());
      ASSERT_EQ(positions.sizes(), (std::vector<std::int64_t>{60, 2}));
      torch::Tensor distances = torch::cdist(positions, positions);
      distances.fill_diagonal_(1e9);
      const torch::Tensor nearest = distances.argmin(1);
      for (std::int64_t i = 0; i < 60; i++)
      {
        EXPECT_EQ(nearest[i].item<std::int64_t>() / 20, i / 20) << "point " << i;
      }
      // The groups themselves lie apart: the way to the next group is longer than across one's own.
      for (std::int64_t group = 0; group < 3; group++)
      {
        const torch::Tensor own = distances.slice(0, group * 20, group * 20 + 20);
        torch::Tensor others = own.clone();
        others.slice(1, group * 20, group * 20 + 20).fill_(1e9);
        EXPECT_GT(others.min().item<double>(), 2 * own.amin(1).max().item<double>()) << "group " << group;
      }
    }

    TEST(NeighbourEmbedding, IsTheSameForTheSameSeedAndLeavesOtherGeneratorsAlone)
    {
      const torch::Tensor points = MakeGroups();
      torch::manual_seed(9);
      const torch::Tensor expected = torch::rand({4});
      torch::manual_seed(9);
      const torch::Tensor first = NeighbourEmbedding{10, 1}.Embed(points);
      EXPECT_TRUE(torch::rand({4}).equal(expected));
      EXPECT_TRUE(first.equal(NeighbourEmbedding{10, 1}.Embed(points)));
      EXPECT_FALSE(first.equal(NeighbourEmbedding{10, 2}.Embed(points)));
    }

    TEST(NeighbourEmbedding, TakesEqualPointsAndFewPoints)
    {
      EXPECT_TRUE(NeighbourEmbedding{}.Embed(torch::ones({6, 3})).isfinite().all().item<bool>());
      EXPECT_DOUBLE_EQ(NeighbourEmbedding{}.GetPerplexity(31), 10);
      EXPECT_DOUBLE_EQ(NeighbourEmbedding{}.GetPerplexity(300), 30);
    }

    TEST(NeighbourEmbedding, RefusesWhatHasNoMap)
    {
      EXPECT_THROW(NeighbourEmbedding{}.Embed(torch::rand({4, 3})), Error);
      EXPECT_THROW(NeighbourEmbedding{}.Embed(torch::rand({2001, 3})), Error);
      EXPECT_THROW(NeighbourEmbedding{}.Embed(torch::full({9, 3}, std::numeric_limits<float>::quiet_NaN())), Error);
    }

    // The demonstration model on two phantoms that it has not seen.
    class GradCamTest : public testing::Test
    {
    protected:
      static const Data::SliceDataset& GetDataset()
      {
        static const Data::SliceDataset dataset = []
        {
          Phantom::PhantomDatasetOptions phantoms;
          phantoms.count = 2;
          phantoms.firstSeed = 5'000'001;
          phantoms.tumourFreeShare = 0;
          phantoms.maximumMatrix = 160;
          Data::SliceDatasetOptions options;
          options.inputSize = 128;
          return Data::SliceDataset(Data::PhantomCaseSource(phantoms), options, [](std::size_t) {});
        }();
        return dataset;
      }

      static std::filesystem::path GetModel()
      {
        return std::filesystem::path(H3K27M_MODELS) / "phantom-demonstration";
      }

      static Network::GenotypeNet MakeNetwork(bool isTrained)
      {
        const auto package = Weights::ModelPackage::Open(GetModel());
        torch::manual_seed(4);
        Network::GenotypeNet network(package.GetCard().GetNetwork());
        if (isTrained)
        {
          package.GetWeights().CopyInto(*network);
        }
        return network;
      }

      static torch::Tensor GetImages()
      {
        std::vector<std::size_t> slices = GetDataset().GetTumourSlices(Network::GENOTYPE_ALTERED);
        slices.resize(std::min<std::size_t>(slices.size(), 4));
        return Trainers::MakeImages(GetDataset(), slices);
      }

      static torch::Tensor ComputeMaps(const torch::Tensor& images, bool isTrained)
      {
        Network::GenotypeNet network = MakeNetwork(isTrained);
        network->eval();
        return Network::ComputeGradCam(network, images, Network::GENOTYPE_ALTERED);
      }

      // Spearman's, over the pixels of one slice.
      static double CorrelateRanks(const torch::Tensor& a, const torch::Tensor& b)
      {
        const auto Rank = [](const torch::Tensor& x)
        { return x.flatten().argsort(true, 0, false).argsort(true, 0, false).to(torch::kFloat64); };
        return torch::corrcoef(torch::stack({Rank(a), Rank(b)}))[0][1].item<double>();
      }
    };

    TEST_F(GradCamTest, GivesEachSliceAMapOfWhatSpeaksForAGenotype)
    {
      const torch::Tensor images = GetImages();
      const torch::Tensor maps = ComputeMaps(images, true);
      ASSERT_EQ(maps.sizes(), (std::vector<std::int64_t>{images.size(0), 128, 128}));
      EXPECT_GE(maps.min().item<float>(), 0);
      EXPECT_GT(maps.amax({1, 2}).min().item<float>(), 0);
      EXPECT_FALSE(maps.requires_grad());
    }

    // Adebayo et al. 2018: a map that stays when the weights are drawn anew shows the image, not the network.
    TEST_F(GradCamTest, IsDestroyedByRandomWeights)
    {
      const torch::Tensor images = GetImages();
      const torch::Tensor maps = ComputeMaps(images, true);
      EXPECT_TRUE(maps.equal(ComputeMaps(images, true)));
      const torch::Tensor random = ComputeMaps(images, false);
      double mean = 0;
      for (std::int64_t i = 0; i < images.size(0); i++)
      {
        mean += CorrelateRanks(maps[i], random[i]) / static_cast<double>(images.size(0));
      }
      EXPECT_LT(std::abs(mean), 0.5);
    }

    TEST_F(GradCamTest, TheEngineThatServesComputesTheSameMaps)
    {
      const torch::Tensor images = GetImages();
      const torch::Tensor maps = ComputeMaps(images, true);
      Predict::BackendOptions options;
      options.device = Predict::DeviceChoice::Cpu;
      Predict::TorchBackend backend(MakeNetwork(true), options);
      const torch::Tensor oneChannel = images.select(1, 0).contiguous();
      const std::vector<float> served =
        backend.ComputeSaliency({oneChannel.data_ptr<float>(), static_cast<std::size_t>(oneChannel.numel())},
                                static_cast<std::size_t>(images.size(0)), Network::GENOTYPE_ALTERED);
      const torch::Tensor difference = (torch::tensor(served).view(maps.sizes()) - maps).abs().max();
      EXPECT_LT(difference.item<float>(), 1e-3 * maps.max().item<float>());
    }

    // Once a map of held-out patients held the training patients too.
    TEST_F(GradCamTest, AMapOfFeaturesHoldsTheSelectedCasesAlone)
    {
      const Network::GenotypeNet network = MakeNetwork(true);
      for (const std::size_t kept : {0, 1})
      {
        const Data::SliceDataset selection = GetDataset().Select({kept == 0, kept == 1});
        const Json::Value map = Runs::MakeFeatureMap(network, selection, 1);
        EXPECT_EQ(map["slices"].asUInt(), selection.ListTumourSlices().size());
        EXPECT_LT(map["slices"].asUInt(), GetDataset().ListTumourSlices().size());
        for (const Json::Value& point : map["points"])
        {
          EXPECT_EQ(point[2].asInt64(), map["points"][0][2].asInt64()) << "one case has one genotype";
        }
      }
      EXPECT_EQ(GetDataset().ListSlices().size(), GetDataset().GetSlices().size());
    }

    TEST(SaliencyTable, SharesTheMapAmongCoreRimAndOutside)
    {
      // A tumour of 4 x 4 pixels: a core of 2 x 2, and a rim up to 6 x 6.
      const torch::Tensor mask = torch::zeros({2, 10, 10});
      mask.slice(1, 3, 7).slice(2, 3, 7).fill_(1);
      const torch::Tensor map = torch::zeros({2, 10, 10});
      map[0][4][5] = 1;    // core
      map[0][3][3] = 0.2;  // rim, inside of the contour
      map[0][2][7] = 0.3;  // rim, outside of it
      map[0][0][0] = 0.5;
      Weights::TensorMap tensors;
      tensors.Set("saliency", map);
      tensors.Set("mask", mask);
      tensors.Set("genotype", torch::tensor({Network::GENOTYPE_ALTERED, Network::GENOTYPE_WILD_TYPE}));
      const Testing::TemporaryFolder folder;
      const std::filesystem::path file = folder.GetPath() / "saliency.safetensors";
      tensors.Save(file, Weights::StoredPrecision::F32);
      const Reports::Table table = Reports::MakeSaliencyTable("saliency-shares", file);
      ASSERT_EQ(table.rows.size(), 2U);
      EXPECT_EQ(table.rows[0],
                (std::vector<std::string>{"1", "altered", "0.500 (0.040)", "0.250 (0.320)", "0.250 (0.640)"}));
      EXPECT_EQ(table.rows[1],
                (std::vector<std::string>{"2", "wild type", "no saliency", "no saliency", "no saliency"}));
    }

    std::string NamePatient(std::size_t index)
    {
      return "sub-" + std::to_string(index);
    }

    // Discs, of which the first one of each genotype has the largest tumour.
    class UnevenDiscs : public Testing::DiscSource
    {
    public:
      using DiscSource::DiscSource;

      Data::TrainingCase Load(std::size_t index) const override
      {
        Data::TrainingCase made = DiscSource::Load(index);
        if (index < 2)
        {
          const auto plane = static_cast<std::ptrdiff_t>(made.rows * made.columns);
          std::fill(made.mask.begin() + 2 * plane, made.mask.begin() + 3 * plane, std::uint8_t{1});
        }
        return made;
      }
    };

    TEST(SaliencyMaps, ShowCasesWhateverTheSizeOfTheirTumours)
    {
      const Data::SliceDataset dataset(UnevenDiscs(10), {64, 1}, [](std::size_t) {});
      Network::NetworkOptions layout;
      layout.inputSize = 64;
      layout.width = 16;
      const Testing::TemporaryFolder folder;
      const std::filesystem::path file = folder.GetPath() / "saliency.safetensors";
      Runs::SaveSaliencyMaps(file, Network::GenotypeNet(layout), dataset, NamePatient);
      const auto tensors = Weights::TensorMap::Load(file);
      const torch::Tensor& masks = tensors.Get("mask");
      std::vector<std::size_t> cases;
      for (std::int64_t i = 0; i < masks.size(0); i++)
      {
        const float* const shown = masks[i].const_data_ptr<float>();
        const auto found =
          std::find_if(dataset.GetSlices().begin(), dataset.GetSlices().end(), [shown](const Data::StoredSlice& slice)
        {
          return !slice.mask.empty() &&
                 std::equal(slice.mask.begin(), slice.mask.end(), shown,
                            [](std::uint8_t left, float right) { return (left != 0) == (right > 0); });
        });
        ASSERT_TRUE(found != dataset.GetSlices().end());
        cases.push_back(found->caseIndex);
      }
      EXPECT_EQ(cases, (std::vector<std::size_t>{2, 6, 3, 7})) << "altered ones are even";
      EXPECT_EQ(Protocol::SafetensorsFile::Open(file).GetMetadata().at(Runs::SALIENCY_PATIENTS),
                "sub-2\nsub-6\nsub-3\nsub-7\n");
    }

    TEST(SaliencyMaps, KeepNoMaskOfANetworkThatDrawsNone)
    {
      const Data::SliceDataset dataset(UnevenDiscs(4), {64, 1}, [](std::size_t) {});
      Network::NetworkOptions layout;
      layout.variant = Network::Variant::Classification;
      layout.inputSize = 64;
      layout.width = 16;
      const Testing::TemporaryFolder folder;
      const std::filesystem::path file = folder.GetPath() / "saliency.safetensors";
      Runs::SaveSaliencyMaps(file, Network::GenotypeNet(layout), dataset, NamePatient);
      EXPECT_FALSE(Weights::TensorMap::Load(file).Has(Runs::SALIENCY_PREDICTED));
      EXPECT_FALSE(Reports::MakeMaskGrid("masks", file)) << "as of an earlier release";
    }

    // Of as many discs, all but those whose number `isWrong` takes called rightly; every third wrong one not at all.
    std::vector<Evaluation::CaseOutcome> CallDiscs(std::size_t count, const std::function<bool(std::size_t)>& isWrong)
    {
      std::vector<Evaluation::CaseOutcome> outcomes(count);
      for (std::size_t i = 0; i < count; i++)
      {
        const bool isAltered = i % 2 == 0;
        outcomes[i].id = NamePatient(i);
        outcomes[i].genotype = isAltered ? Network::GENOTYPE_ALTERED : Network::GENOTYPE_WILD_TYPE;
        if (!isWrong(i) || i % 3 != 0)
        {
          outcomes[i].probabilityAltered = isAltered == isWrong(i) ? 0.1 : 0.9;
        }
      }
      return outcomes;
    }

    Network::GenotypeNet DrawNetwork(Network::Variant variant)
    {
      Network::NetworkOptions layout;
      layout.variant = variant;
      layout.inputSize = 64;
      layout.width = 16;
      return Network::GenotypeNet(layout);
    }

    TEST(ErrorSlices, KeepThoseCalledWronglyOrNotAtAll)
    {
      const Data::SliceDataset dataset(UnevenDiscs(10), {64, 1}, [](std::size_t) {});
      const Testing::TemporaryFolder folder;
      const std::filesystem::path file = folder.GetPath() / "errors.safetensors";
      const Network::GenotypeNet network = DrawNetwork(Network::Variant::Fusion);
      Runs::SaveErrorSlices(file, network, dataset, CallDiscs(10, [](std::size_t) { return false; }), 0.5);
      EXPECT_FALSE(std::filesystem::exists(file));
      const auto outcomes = CallDiscs(10, [](std::size_t i) { return i == 1 || i == 6; });
      Runs::SaveErrorSlices(file, DrawNetwork(Network::Variant::Classification), dataset, outcomes, 0.5);
      EXPECT_FALSE(std::filesystem::exists(file)) << "of a network that draws no masks";
      Runs::SaveErrorSlices(file, network, dataset, outcomes, 0.5);
      EXPECT_EQ(Protocol::SafetensorsFile::Open(file).GetMetadata().at(Runs::SALIENCY_PATIENTS), "sub-1\nsub-6\n");
      const auto tensors = Weights::TensorMap::Load(file);
      for (const char* name : {"image", "mask", Runs::SALIENCY_PREDICTED})
      {
        EXPECT_EQ(tensors.Get(name).sizes(), (std::vector<std::int64_t>{2, 64, 64})) << name;
      }
      EXPECT_TRUE(Reports::MakeMaskGrid("errors", file));
    }

    TEST(ErrorSlices, AreAFew)
    {
      const Data::SliceDataset dataset(UnevenDiscs(20), {64, 1}, [](std::size_t) {});
      const Testing::TemporaryFolder folder;
      const std::filesystem::path file = folder.GetPath() / "errors.safetensors";
      Runs::SaveErrorSlices(file, DrawNetwork(Network::Variant::Fusion), dataset,
                            CallDiscs(20, [](std::size_t) { return true; }), 0.5);
      EXPECT_EQ(Weights::TensorMap::Load(file).Get("image").size(0), 8);
    }

    TEST_F(GradCamTest, TheMasksOfTheSameSlicesAreKept)
    {
      // One case of each genotype: of each the slice with the largest tumour.
      std::vector<std::size_t> largest;
      for (const std::int64_t genotype : {Network::GENOTYPE_ALTERED, Network::GENOTYPE_WILD_TYPE})
      {
        const std::vector<std::size_t>& slices = GetDataset().GetTumourSlices(genotype);
        largest.push_back(*std::max_element(slices.begin(), slices.end(), [](std::size_t a, std::size_t b)
        { return GetDataset().GetSlices()[a].tumourPixels < GetDataset().GetSlices()[b].tumourPixels; }));
      }
      Network::GenotypeNet network = MakeNetwork(true);
      network->eval();
      const auto predict = [&network](const torch::Tensor& images)
      {
        const torch::NoGradGuard noGradient;
        return network(images).seg_logits.argmax(1).gt(0).to(torch::kFloat32);
      };
      const torch::Tensor expected = predict(Trainers::MakeImages(GetDataset(), largest));

      const Testing::TemporaryFolder folder;
      const std::filesystem::path file = folder.GetPath() / "saliency.safetensors";
      Runs::SaveSaliencyMaps(file, MakeNetwork(true), GetDataset(), NamePatient);
      const auto tensors = Weights::TensorMap::Load(file);
      EXPECT_TRUE(tensors.Get(Runs::SALIENCY_PREDICTED).equal(expected));
      EXPECT_GT((expected * tensors.Get("mask")).sum().item<float>(), 0) << "it finds something of them";
    }

    TEST_F(GradCamTest, BecomesAFigureOfBothGenotypes)
    {
      const Testing::TemporaryFolder folder;
      const std::filesystem::path file = folder.GetPath() / "saliency.safetensors";
      Runs::SaveSaliencyMaps(file, MakeNetwork(true), GetDataset(), NamePatient);
      const auto tensors = Weights::TensorMap::Load(file);
      EXPECT_TRUE(
        tensors.Get("genotype").equal(torch::tensor({Network::GENOTYPE_ALTERED, Network::GENOTYPE_WILD_TYPE})));
      EXPECT_GT(tensors.Get("mask").sum({1, 2}).min().item<float>(), 0);
      const Reports::ImageGrid grid = Reports::MakeSaliencyGrid("saliency", file);
      grid.Draw(folder.GetPath());
      EXPECT_GT(std::filesystem::file_size(folder.GetPath() / "saliency.png"), 10'000U);
    }
  }
}
