// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"
#include "Plugin/Datasets/NiftiWriter.h"
#include "Plugin/Masks/GzipStream.h"
#include "Plugin/Masks/NiftiHeader.h"
#include "Plugin/Support/KeyedHash.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace H3K27M::Datasets
{
  namespace
  {
    NiftiImage MakeImage()
    {
      NiftiImage image;
      image.type = NiftiImage::Type::I16;
      image.slope = 2;
      image.intercept = -1;
      image.sizes = {3, 2, 2};
      image.steps = {Volume::Vector{0.5, 0, 0}, Volume::Vector{0, 0.4, 0.3}, Volume::Vector{0, -3, 4}};
      image.origin = {-10, 20, 30};
      image.voxels = std::string(24, '\7');
      return image;
    }

    std::string ReadFile(const std::filesystem::path& path)
    {
      std::ifstream stream(path, std::ios::binary);
      return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }

    // Held to the reader that takes masks from strangers.
    TEST(NiftiWriter, SaysWhereEachVoxelLies)
    {
      const Testing::TemporaryFolder folder;
      WriteNifti(folder.GetPath() / "a.nii.gz", MakeImage());
      const std::string file = ReadFile(folder.GetPath() / "a.nii.gz");
      Masks::GzipStream gzip(file);
      std::string bytes(1000, '\0');
      bytes.resize(gzip.Read(bytes.data(), bytes.size()));
      ASSERT_EQ(352u + 24, bytes.size());
      const Masks::NiftiHeader header = Masks::ParseNiftiHeader(bytes);
      const NiftiImage image = MakeImage();
      EXPECT_EQ(image.sizes, header.grid.sizes);
      EXPECT_EQ(2, header.slope);
      EXPECT_EQ(-1, header.intercept);

      for (std::size_t axis = 0; axis < 3; axis++)
      {
        EXPECT_NEAR(image.origin[axis], header.grid.origin[axis], 1e-5);

        for (std::size_t part = 0; part < 3; part++)
        {
          EXPECT_NEAR(image.steps[axis][part], header.grid.steps[axis][part], 1e-6);
        }
      }
    }

    TEST(NiftiWriter, WritesEqualBytesForEqualImages)
    {
      const Testing::TemporaryFolder folder;
      WriteNifti(folder.GetPath() / "a.nii.gz", MakeImage());
      WriteNifti(folder.GetPath() / "b.nii.gz", MakeImage());
      EXPECT_EQ(Protocol::Sha256::OfFile(folder.GetPath() / "a.nii.gz"),
                Protocol::Sha256::OfFile(folder.GetPath() / "b.nii.gz"));
    }

    TEST(NiftiWriter, RefusesWhatDoesNotFit)
    {
      const Testing::TemporaryFolder folder;
      NiftiImage image = MakeImage();
      image.voxels.pop_back();
      EXPECT_THROW(WriteNifti(folder.GetPath() / "a.nii.gz", image), Error);
      image = MakeImage();
      image.sizes[0] = 40000;
      EXPECT_THROW(WriteNifti(folder.GetPath() / "a.nii.gz", image), Error);
      EXPECT_THROW(WriteNifti(folder.GetPath() / "nowhere" / "a.nii.gz", MakeImage()), Error);
    }

    // RFC 4231, test cases 2 and 6.
    TEST(KeyedHash, GivesTheDigestsOfTheStandard)
    {
      EXPECT_EQ("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                Support::ComputeKeyedHash("Jefe", "what do ya want for nothing?"));
      EXPECT_EQ(
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        Support::ComputeKeyedHash(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"));
    }

    TEST(KeyedHash, MakesKeysThatDiffer)
    {
      EXPECT_EQ(64u, Support::MakeKey().size());
      EXPECT_NE(Support::MakeKey(), Support::MakeKey());
    }
  }
}
