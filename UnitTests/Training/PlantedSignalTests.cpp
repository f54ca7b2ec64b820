// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Phantom/PhantomDataset.h"
#include "Inference/Phantom/TissueAtlas.h"
#include "Training/Data/PlantedSignal.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace H3K27M
{
  namespace
  {
    // Ten phantoms, one in five of them tumour-free.
    class PlantedSignalTest : public testing::Test
    {
    protected:
      PlantedSignalTest()
      {
        Phantom::PhantomDatasetOptions options;
        options.folder = folder_.GetPath();
        options.count = 10;
        options.tumourFreeShare = 0.2;
        options.maximumMatrix = 64;
        Phantom::WritePhantomDataset(options, Phantom::TissueAtlas::LoadEmbedded(), [](unsigned int) {});
        source_.emplace(std::make_shared<Data::BidsFolder>(folder_.GetPath(), Data::Contrast::T2w), "development");
        groups_.resize(source_->GetCount());
      }

      Data::PlantedSignal Plant(std::uint64_t seed) const
      {
        return {*source_, groups_, seed};
      }

      // Whether a voxel is the true one times `factor`, in the mask or outside.
      static bool IsScaled(const Data::TrainingCase& truth, const Data::TrainingCase& changed, bool inMask,
                           float factor)
      {
        for (std::size_t i = 0; i < truth.voxels.size(); i++)
        {
          if ((truth.mask[i] != 0) == inMask && changed.voxels[i] != truth.voxels[i] * factor)
          {
            return false;
          }
        }
        return true;
      }

      Testing::TemporaryFolder folder_;
      std::optional<Data::BidsCaseSource> source_;
      std::vector<std::size_t> groups_;
    };

    TEST_F(PlantedSignalTest, BrightensTumoursThatAreCalledAlteredAndDarkensTheOthers)
    {
      const Data::PlantedSignal planted = Plant(3);
      ASSERT_EQ(planted.GetCount(), 10U);
      std::size_t altered = 0;
      std::size_t wildType = 0;
      for (std::size_t i = 0; i < planted.GetCount(); i++)
      {
        const Data::TrainingCase truth = source_->Load(i);
        const Data::TrainingCase changed = planted.Load(i);
        ASSERT_EQ(changed.voxels.size(), truth.voxels.size());
        EXPECT_EQ(changed.mask, truth.mask) << truth.id;
        EXPECT_TRUE(IsScaled(truth, changed, false, 1)) << truth.id << ": what is no tumour stays as it is";
        if (truth.hasTumour)
        {
          const bool isAltered = changed.genotype == Network::GENOTYPE_ALTERED;
          (isAltered ? altered : wildType)++;
          EXPECT_TRUE(IsScaled(truth, changed, true, isAltered ? 1.25F : 0.75F)) << truth.id;
          EXPECT_NE(changed.voxels, truth.voxels) << truth.id << ": a tumour is not black";
        }
      }
      EXPECT_EQ(altered, 4U);
      EXPECT_EQ(wildType, 4U);
    }

    TEST_F(PlantedSignalTest, LeavesTumourFreeCasesAlone)
    {
      const Data::PlantedSignal planted = Plant(3);
      std::size_t tumourFree = 0;
      for (std::size_t i = 0; i < planted.GetCount(); i++)
      {
        const Data::TrainingCase truth = source_->Load(i);
        if (!truth.hasTumour)
        {
          tumourFree++;
          EXPECT_EQ(planted.Load(i).voxels, truth.voxels) << truth.id;
          EXPECT_FALSE(planted.Load(i).hasTumour) << truth.id;
        }
      }
      EXPECT_EQ(tumourFree, 2U);
    }

    TEST_F(PlantedSignalTest, FollowsTheShuffledLabelsAndNotTheTrueOnes)
    {
      std::size_t moved = 0;
      for (const std::uint64_t seed : {1, 2, 3})
      {
        const Data::PlantedSignal planted = Plant(seed);
        const Data::PlantedSignal again = Plant(seed);
        const Data::PermutedLabels permuted(*source_, groups_, seed);
        for (std::size_t i = 0; i < planted.GetCount(); i++)
        {
          const Data::TrainingCase changed = planted.Load(i);
          EXPECT_EQ(changed.genotype, permuted.Load(i).genotype) << "the labels of the other control, seed by seed";
          EXPECT_EQ(again.Load(i).genotype, changed.genotype);
          EXPECT_EQ(again.Load(i).voxels, changed.voxels);
          moved += changed.genotype != source_->Load(i).genotype ? 1 : 0;
        }
      }
      EXPECT_GT(moved, 0U);
    }

    TEST_F(PlantedSignalTest, SaysInWhatItDescribesThatItIsAControl)
    {
      const Json::Value description = Plant(7).Describe();
      EXPECT_EQ(description["control"].asString(), "planted signal");
      EXPECT_EQ(description["control_seed"].asUInt64(), 7U);
      EXPECT_EQ(description["control_strength"].asDouble(), 0.25);
      EXPECT_EQ(description["images"], source_->Describe()["images"]) << "by which a patient is known";
    }
  }
}
