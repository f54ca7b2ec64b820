// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/PhantomDataset.h"
#include "Inference/Phantom/PhantomGenerator.h"
#include "Inference/Phantom/TissueAtlas.h"
#include "Inference/Preprocess/NiftiVolume.h"
#include "Inference/Protocol/Error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <unistd.h>

using namespace H3K27M;
using namespace H3K27M::Phantom;

namespace
{
  class PhantomDataset : public ::testing::Test
  {
  protected:
    void SetUp() override
    {
      options_.folder = std::filesystem::temp_directory_path() / ("h3k27m-phantoms-" + std::to_string(getpid()));
      std::filesystem::remove_all(options_.folder);
      options_.firstSeed = 40;
      options_.maximumMatrix = 64;
    }

    void TearDown() override
    {
      std::filesystem::remove_all(options_.folder);
    }

    PhantomDatasetOptions options_;
  };
}

TEST_F(PhantomDataset, BalancesTheStatesAndSpreadsTumourFreeVolumes)
{
  options_.count = 50;
  options_.tumourFreeShare = 0.2;
  int altered = 0, wildType = 0, free = 0;
  for (unsigned int i = 0; i < options_.count; i++)
  {
    const PhantomParameters parameters = GetSeriesMember(options_, i);
    (parameters.hasTumour ? (parameters.status == GenotypeStatus::Altered ? altered : wildType) : free)++;
  }
  EXPECT_EQ(altered, 20);
  EXPECT_EQ(wildType, 20);
  EXPECT_EQ(free, 10);
}

TEST_F(PhantomDataset, WritesImagesMasksAndLabelsThatReadBack)
{
  options_.count = 3;
  options_.tumourFreeShare = 0.34;
  unsigned int done = 0;
  WritePhantomDataset(options_, TissueAtlas::LoadEmbedded(), [&done](unsigned int count) { done = count; });
  EXPECT_EQ(done, 3u);

  const PhantomVolume volume = PhantomGenerator().Generate(GetSeriesMember(options_, 0));
  const std::string subject = "sub-phantom00000040";
  const auto image = Preprocess::NiftiVolume::Read(options_.folder / subject / "anat" / (subject + "_T2w.nii.gz"));
  const Preprocess::VolumeView view = image.GetView();
  ASSERT_EQ(view.slices, volume.parameters.slices);
  ASSERT_EQ(view.rows, volume.parameters.rows);
  ASSERT_EQ(view.columns, volume.parameters.columns);
  EXPECT_NEAR(view.pixelSpacingMm[0], volume.parameters.pixelSpacingMm, 1e-5);
  EXPECT_TRUE(std::equal(view.voxels.begin(), view.voxels.end(), volume.voxels.begin(),
                         [](float a, std::uint16_t b) { return a == static_cast<float>(b); }));
  const auto labels = Preprocess::NiftiVolume::ReadLabels(
    options_.folder / "derivatives" / "phantom" / subject / "anat" / (subject + "_dseg.nii.gz"), image);
  EXPECT_EQ(labels, volume.mask);

  std::ifstream table(options_.folder / "participants.tsv");
  std::stringstream text;
  text << table.rdbuf();
  EXPECT_NE(text.str().find(subject + "\taltered\t"), std::string::npos);
  EXPECT_NE(text.str().find("\tn/a\tphantom\tn/a\t"), std::string::npos);
}

TEST_F(PhantomDataset, WritesTheSameFilesWithSeveralThreads)
{
  options_.count = 4;
  const auto atlas = TissueAtlas::LoadEmbedded();
  const auto write = [&](unsigned int threads)
  {
    std::filesystem::remove_all(options_.folder);
    options_.threads = threads;
    WritePhantomDataset(options_, atlas, [](unsigned int) {});
    std::map<std::filesystem::path, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.folder))
    {
      if (entry.is_regular_file())
      {
        std::stringstream text;
        text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
        files[entry.path()] = text.str();
      }
    }
    return files;
  };
  const auto alone = write(1);
  EXPECT_EQ(alone.size(), 15u);  // volume, mask and sidecar of four; the table; two descriptions
  EXPECT_EQ(alone, write(3));
}

TEST_F(PhantomDataset, RefusesAFolderThatHoldsSomething)
{
  std::filesystem::create_directories(options_.folder / "something");
  EXPECT_THROW(WritePhantomDataset(options_, TissueAtlas::LoadEmbedded(), [](unsigned int) {}), Error);
}

TEST_F(PhantomDataset, RefusesStrangeCounts)
{
  options_.count = 0;
  EXPECT_THROW(WritePhantomDataset(options_, TissueAtlas::LoadEmbedded(), [](unsigned int) {}), Error);
  options_.count = 1;
  options_.tumourFreeShare = 1.5;
  EXPECT_THROW(WritePhantomDataset(options_, TissueAtlas::LoadEmbedded(), [](unsigned int) {}), Error);
  EXPECT_FALSE(std::filesystem::exists(options_.folder));
}
