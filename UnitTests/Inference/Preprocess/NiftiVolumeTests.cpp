// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/NiftiVolume.h"
#include "Inference/Protocol/Error.h"

#include <gmock/gmock.h>

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

namespace
{
  using H3K27M::Error;
  using H3K27M::Preprocess::NiftiVolume;
  using H3K27M::Preprocess::VolumeView;

  class NiftiFile : public testing::Test
  {
  protected:
    void SetUp() override
    {
      const auto* info = testing::UnitTest::GetInstance()->current_test_info();
      folder_ = std::filesystem::temp_directory_path() /
                ("h3k27m-nifti-" + std::string(info->name()) + "-" + std::to_string(::getpid()));
      std::filesystem::create_directories(folder_);
      file_.geometry.slices = 4;
      file_.geometry.rows = 5;
      file_.geometry.columns = 6;
      file_.geometry.pixelSpacingMm = {0.5, 0.75};
      file_.geometry.sliceSpacingMm = 3;
      for (std::uint16_t i = 0; i < 4 * 5 * 6; ++i)
      {
        voxels_.push_back(i);
      }
    }

    void TearDown() override
    {
      std::filesystem::remove_all(folder_);
    }

    // Rewrites bytes of an uncompressed file.
    static void Patch(const std::filesystem::path& path, std::streamoff offset, const void* data, std::size_t size)
    {
      std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
      stream.seekp(offset);
      stream.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
    }

    std::filesystem::path folder_;
    NiftiVolume::NewFile file_;
    std::vector<std::uint16_t> voxels_;
  };

  TEST_F(NiftiFile, ReadsWhatWasWritten)
  {
    for (const char* name : {"a.nii", "a.nii.gz"})
    {
      NiftiVolume::Write(folder_ / name, file_, std::span<const std::uint16_t>(voxels_));
      const NiftiVolume volume = NiftiVolume::Read(folder_ / name);
      const VolumeView view = volume.GetView();
      EXPECT_EQ(view.slices, 4u);
      EXPECT_EQ(view.rows, 5u);
      EXPECT_EQ(view.columns, 6u);
      EXPECT_DOUBLE_EQ(view.pixelSpacingMm[0], 0.5);
      EXPECT_DOUBLE_EQ(view.pixelSpacingMm[1], 0.75);
      EXPECT_DOUBLE_EQ(view.sliceSpacingMm, 3);
      EXPECT_TRUE(std::equal(voxels_.begin(), voxels_.end(), view.voxels.begin(), view.voxels.end()));
    }
  }

  TEST_F(NiftiFile, TurnsRasFileAndPutsLabelsBackOnItsVoxels)
  {
    const auto path = folder_ / "ras.nii";
    NiftiVolume::Write(path, file_, std::span<const std::uint16_t>(voxels_));
    // srow_x and srow_y of the NIfTI-1 header (offsets 280 and 296): now x to the right, y to anterior.
    const float rowX[4] = {0.75f, 0, 0, 0};
    const float rowY[4] = {0, 0.5f, 0, 0};
    Patch(path, 280, rowX, sizeof(rowX));
    Patch(path, 296, rowY, sizeof(rowY));
    const NiftiVolume volume = NiftiVolume::Read(path);
    const VolumeView view = volume.GetView();
    // First voxel of the view = right, anterior, lowest: last column and last row of the file's first slice.
    EXPECT_EQ(view.voxels[0], 29.0f);
    EXPECT_EQ(view.voxels[1], 28.0f);
    EXPECT_EQ(view.voxels[6], 23.0f);

    std::vector<std::uint8_t> labels(view.voxels.size(), 0);
    labels[0] = 1;
    labels[31] = 2;
    volume.WriteLabels(folder_ / "mask.nii.gz", labels);
    EXPECT_EQ(NiftiVolume::ReadLabels(folder_ / "mask.nii.gz", volume), labels);
  }

  TEST_F(NiftiFile, RefusesTruncatedMissingAndLyingFiles)
  {
    const auto path = folder_ / "a.nii";
    EXPECT_THROW(NiftiVolume::Read(path), Error);
    NiftiVolume::Write(path, file_, std::span<const std::uint16_t>(voxels_));
    const auto size = std::filesystem::file_size(path);
    std::filesystem::resize_file(path, size - 10);
    EXPECT_THROW(NiftiVolume::Read(path), Error);
    std::filesystem::resize_file(path, 100);
    EXPECT_THROW(NiftiVolume::Read(path), Error);

    NiftiVolume::Write(path, file_, std::span<const std::uint16_t>(voxels_));
    const std::int16_t huge[3] = {32767, 32767, 32767};  // dim[1..3] at offset 42
    Patch(path, 42, huge, sizeof(huge));
    EXPECT_THROW(NiftiVolume::Read(path), Error);
  }

  TEST_F(NiftiFile, ReportsAFolderThatIsNotThere)
  {
    EXPECT_THROW(NiftiVolume::Write(folder_ / "none" / "a.nii", file_, std::span<const std::uint16_t>(voxels_)), Error);
    EXPECT_THROW(NiftiVolume::Write(folder_ / "a.img", file_, std::span<const std::uint16_t>(voxels_)), Error);
  }

  TEST_F(NiftiFile, RefusesLabelsOfAnotherGrid)
  {
    NiftiVolume::Write(folder_ / "a.nii", file_, std::span<const std::uint16_t>(voxels_));
    NiftiVolume::NewFile other = file_;
    other.geometry.slices = 2;
    NiftiVolume::Write(folder_ / "b.nii", other, std::span<const std::uint16_t>(voxels_).first(60));
    EXPECT_THROW(NiftiVolume::ReadLabels(folder_ / "b.nii", NiftiVolume::Read(folder_ / "a.nii")), Error);
  }

  // As NumPy's whole numbers are written: the plugin takes such a mask when it is uploaded.
  TEST_F(NiftiFile, ReadsLabelsOf64Bits)
  {
    NiftiVolume::Write(folder_ / "a.nii", file_, std::span<const std::uint16_t>(voxels_));
    const auto path = folder_ / "b.nii";
    const std::vector<std::uint8_t> labels(voxels_.size(), 2);
    NiftiVolume::Write(path, file_, std::span<const std::uint8_t>(labels));
    const std::vector<std::int64_t> wide(labels.begin(), labels.end());
    const std::int16_t type[2] = {1024, 64};  // datatype and bitpix, offset 70
    Patch(path, 70, type, sizeof(type));
    Patch(path, 352, wide.data(), wide.size() * sizeof(std::int64_t));
    EXPECT_EQ(labels, NiftiVolume::ReadLabels(path, NiftiVolume::Read(folder_ / "a.nii")));
  }

  TEST_F(NiftiFile, ReadsMillimetresWhateverUnitAFileIsIn)
  {
    file_.firstPositionMm = {10, -20, 30};
    NiftiVolume::Write(folder_ / "mm.nii", file_, std::span<const std::uint16_t>(voxels_));
    NiftiVolume::NewFile fine = file_;
    fine.geometry.pixelSpacingMm = {500, 750};
    fine.geometry.sliceSpacingMm = 3000;
    fine.firstPositionMm = {10000, -20000, 30000};
    const auto path = folder_ / "um.nii";
    const std::vector<std::uint8_t> labels(voxels_.size(), 1);
    NiftiVolume::Write(path, fine, std::span<const std::uint8_t>(labels));
    const char micrometre = 3;  // xyzt_units, offset 123
    Patch(path, 123, &micrometre, sizeof(micrometre));
    const NiftiVolume volume = NiftiVolume::Read(path);
    EXPECT_NEAR(volume.GetView().pixelSpacingMm[0], 0.5, 1e-9);
    EXPECT_NEAR(volume.GetView().pixelSpacingMm[1], 0.75, 1e-9);
    EXPECT_NEAR(volume.GetView().sliceSpacingMm, 3, 1e-9);
    EXPECT_EQ(labels, NiftiVolume::ReadLabels(path, NiftiVolume::Read(folder_ / "mm.nii")));
  }

  // As many voxels, but of another series: drawn there, they would be displaced here.
  TEST_F(NiftiFile, SaysHowLabelsOfAnotherPlaceOrSpacingDiffer)
  {
    NiftiVolume::Write(folder_ / "a.nii", file_, std::span<const std::uint16_t>(voxels_));
    const NiftiVolume volume = NiftiVolume::Read(folder_ / "a.nii");
    const std::vector<std::uint8_t> labels(voxels_.size(), 1);
    const auto Read = [&](const NiftiVolume::NewFile& file)
    {
      NiftiVolume::Write(folder_ / "b.nii", file, std::span<const std::uint8_t>(labels));
      try
      {
        return std::to_string(NiftiVolume::ReadLabels(folder_ / "b.nii", volume).size());
      }
      catch (const Error& e)
      {
        return std::string(e.what());
      }
    };
    NiftiVolume::NewFile moved = file_;
    moved.firstPositionMm[0] += 0.04;  // a nineteenth of a pixel of 0.75 mm: rounding
    EXPECT_EQ("120", Read(moved));
    moved.firstPositionMm[0] += 9.96;
    EXPECT_THAT(Read(moved), testing::HasSubstr("its voxels lie up to 10 mm from those of the same index"));

    NiftiVolume::NewFile coarser = file_;
    coarser.geometry.pixelSpacingMm[0] = 0.6;
    EXPECT_THAT(Read(coarser), testing::HasSubstr("its voxels are 0.75 x 0.6 x 3 mm, not 0.75 x 0.5 x 3 mm"));
  }

  // A program that writes no position means the image beside it.
  TEST_F(NiftiFile, TakesLabelsThatStateNoPosition)
  {
    NiftiVolume::Write(folder_ / "a.nii", file_, std::span<const std::uint16_t>(voxels_));
    const auto path = folder_ / "b.nii";
    const std::vector<std::uint8_t> labels(voxels_.size(), 1);
    NiftiVolume::Write(path, file_, std::span<const std::uint8_t>(labels));
    const std::int16_t none = 0;  // qform_code and sform_code, offsets 252 and 254
    Patch(path, 252, &none, sizeof(none));
    Patch(path, 254, &none, sizeof(none));
    Patch(folder_ / "a.nii", 254, &none, sizeof(none));
    EXPECT_EQ(labels, NiftiVolume::ReadLabels(path, NiftiVolume::Read(folder_ / "a.nii")));
  }
}
