// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A mask in NIfTI on the grid of a tilted series, in every order and direction of its axes, and on grids that are not the
// series'.

#include "Plugin/Masks/NiftiMask.h"
#include "Plugin/Volume/SourceSeries.h"
#include "UnitTests/Plugin/Masks/MaskComparison.h"
#include "UnitTests/Plugin/Masks/NiftiFile.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <gmock/gmock.h>
#include <nifti/nifti1.h>

#include <algorithm>
#include <cstring>

namespace H3K27M::Masks
{
  using testing::AllOf;
  using testing::HasSubstr;
  using Tests::GetRefusal;
  using Tests::ListVoxels;
  using Tests::MakeNifti;

  namespace
  {
    class NiftiMask : public testing::Test
    {
    protected:
      std::vector<std::uint8_t> Read(const std::string& file, const std::string& label = {}) const
      {
        return ListVoxels(ReadNiftiMask(file, series_, LabelChoice(label)));
      }

      std::string Refuse(const std::string& file, const std::string& label = {}) const
      {
        return GetRefusal([&] { Read(file, label); });
      }

      // The same voxels with the axes in another order and direction.
      std::string Arrange(const std::array<std::size_t, 3>& order, unsigned reversed) const
      {
        VoxelGrid arranged = grid_;
        std::vector<std::uint8_t> voxels(voxels_.size());
        for (std::size_t axis = 0; axis < 3; axis++)
        {
          arranged.sizes[axis] = grid_.sizes[order[axis]];
          arranged.steps[axis] = grid_.steps[order[axis]];
          if ((reversed >> axis) & 1)
          {
            const auto last = static_cast<double>(arranged.sizes[axis] - 1);
            arranged.origin = Volume::Add(arranged.origin, Volume::Scale(arranged.steps[axis], last));
            arranged.steps[axis] = Volume::Scale(arranged.steps[axis], -1);
          }
        }
        std::array<std::size_t, 3> at{};
        for (std::size_t i = 0; i < voxels.size(); i++)
        {
          std::array<std::size_t, 3> from{};
          std::size_t rest = i;
          for (std::size_t axis = 0; axis < 3; axis++)
          {
            at[axis] = rest % arranged.sizes[axis];
            rest /= arranged.sizes[axis];
            from[order[axis]] = (reversed >> axis) & 1 ? arranged.sizes[axis] - 1 - at[axis] : at[axis];
          }
          voxels[i] = voxels_[(from[2] * grid_.sizes[1] + from[1]) * grid_.sizes[0] + from[0]];
        }
        return MakeNifti(arranged, voxels);
      }

      Volume::SourceSeries series_ = Tests::MakeSampleSource();
      std::vector<std::uint8_t> voxels_ = ListVoxels(Tests::MakeSampleMask(series_, 1, 4));
      VoxelGrid grid_ = Tests::MakeGrid(series_);
    };
  }

  TEST_F(NiftiMask, KeepsEachVoxelInEveryOrderAndDirectionOfTheAxes)
  {
    std::array<std::size_t, 3> order{0, 1, 2};
    do
    {
      for (unsigned reversed = 0; reversed < 8; reversed++)
      {
        EXPECT_EQ(voxels_, Read(Arrange(order, reversed))) << testing::PrintToString(order) << reversed;
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }

  TEST_F(NiftiMask, ReadsGzip)
  {
    EXPECT_EQ(voxels_, Read(Tests::Gzip(MakeNifti(grid_, voxels_))));
  }

  TEST_F(NiftiMask, ReadsTheOtherByteOrderAndScaledNumbers)
  {
    std::string swapped = MakeNifti(grid_, {}, [](nifti_1_header& header)
    {
      const auto swap = [](auto& value)
      {
        auto* const bytes = reinterpret_cast<char*>(&value);
        std::reverse(bytes, bytes + sizeof(value));
      };
      header.datatype = DT_INT16;
      header.bitpix = 16;
      header.scl_slope = 0.01f;
      for (float* const row : {header.srow_x, header.srow_y, header.srow_z, header.pixdim})
      {
        std::for_each(row, row + (row == header.pixdim ? 8 : 4), swap);
      }
      std::for_each(header.dim, header.dim + 8, swap);
      swap(header.sizeof_hdr);
      swap(header.datatype);
      swap(header.bitpix);
      swap(header.vox_offset);
      swap(header.sform_code);
      swap(header.scl_slope);
    });
    for (const std::uint8_t voxel : voxels_)
    {
      swapped += {'\0', static_cast<char>(voxel * 100)};
    }
    EXPECT_EQ(voxels_, Read(swapped));
  }

  TEST_F(NiftiMask, StatesTheDifferenceOfAnotherGrid)
  {
    VoxelGrid shifted = grid_;
    shifted.origin = Volume::Add(grid_.origin, {3, 0, 0});
    EXPECT_THAT(Refuse(MakeNifti(shifted, voxels_)),
                AllOf(HasSubstr("3 mm (left 3"), HasSubstr("turned by 0 degrees")));

    VoxelGrid coarse = grid_;
    coarse.steps[0] = Volume::Scale(grid_.steps[0], 2);
    coarse.sizes[0] = grid_.sizes[0] / 2;
    EXPECT_THAT(Refuse(MakeNifti(coarse, voxels_)),
                AllOf(HasSubstr("12 x 16 x 6 voxels, the series 24 x 16 x 6"),
                      HasSubstr("1.7 x 0.9 x 5.5 mm, the series' 0.85 x 0.9 x 5.5 mm")));

    VoxelGrid turned = grid_;
    turned.steps[1] = {0, 0.9, 0};
    turned.steps[2] = {0, 0, 5.5};
    EXPECT_THAT(Refuse(MakeNifti(turned, voxels_)), HasSubstr("turned by 10 degrees"));
  }

  TEST_F(NiftiMask, TakesThePositionsAsTheyAreRounded)
  {
    VoxelGrid rounded = grid_;
    rounded.origin = Volume::Add(grid_.origin, {0.05, -0.05, 0.05});
    EXPECT_EQ(voxels_, Read(MakeNifti(rounded, voxels_)));
  }

  TEST_F(NiftiMask, ASeriesWithAGapIsMatchedByTheWholeStack)
  {
    const VoxelGrid whole = grid_;
    const std::vector<std::uint8_t> all = voxels_;
    series_.slices.erase(series_.slices.begin() + 2);
    series_.gaps = {{1, 1}};
    EXPECT_THAT(Refuse(MakeNifti(whole, all)), HasSubstr("slice 2 of the stack, which the series lacks"));

    const auto size = static_cast<std::ptrdiff_t>(series_.rows * series_.columns);
    std::vector<std::uint8_t> empty = all;
    std::fill(empty.begin() + 2 * size, empty.begin() + 3 * size, std::uint8_t{0});
    std::vector<std::uint8_t> expected = all;
    expected.erase(expected.begin() + 2 * size, expected.begin() + 3 * size);
    EXPECT_EQ(expected, Read(MakeNifti(whole, empty)));
  }

  TEST_F(NiftiMask, SeveralLabelsLeaveTheChoiceToThePerson)
  {
    std::vector<std::uint8_t> labels = voxels_;
    labels[0] = 4;
    std::vector<std::uint8_t> expected(voxels_.size(), 0);
    expected[0] = 1;
    const std::string file = MakeNifti(grid_, labels);
    EXPECT_THAT(Refuse(file), HasSubstr("\"1\", \"4\""));
    EXPECT_EQ(expected, Read(file, "4"));
    EXPECT_THAT(Refuse(file, "2"), HasSubstr("no label \"2\""));
    expected = voxels_;
    expected[0] = 1;
    EXPECT_EQ(expected, Read(file, "*"));
  }

  TEST_F(NiftiMask, RefusesWhatIsNoMask)
  {
    const auto edited = [this](const std::function<void(nifti_1_header&)>& edit)
    { return Refuse(MakeNifti(grid_, voxels_, edit)); };
    EXPECT_THAT(Refuse(MakeNifti(grid_, std::vector<std::uint8_t>(voxels_.size(), 0))), HasSubstr("marks nothing"));
    EXPECT_THAT(edited([](nifti_1_header& h) { h.sform_code = 0; }), HasSubstr("neither sform nor qform"));
    EXPECT_THAT(edited([](nifti_1_header& h) { h.dim[0] = 4, h.dim[4] = 2; }), HasSubstr("more than one volume"));
    EXPECT_THAT(edited([](nifti_1_header& h) { h.scl_slope = 0.3f; }), HasSubstr("whole numbers"));
    EXPECT_THAT(edited([](nifti_1_header& h) { h.scl_slope = -1; }), HasSubstr("whole numbers"));
    EXPECT_THAT(edited([](nifti_1_header& h) { h.datatype = DT_RGB24, h.bitpix = 24; }), HasSubstr("of type 128"));
    EXPECT_THAT(edited([](nifti_1_header& h) { std::memcpy(h.magic, "ni1", 4); }), HasSubstr("one file"));
    EXPECT_THAT(edited([](nifti_1_header& h) { h.sizeof_hdr = 540; }), HasSubstr("NIfTI-2"));
    EXPECT_THAT(edited([](nifti_1_header& h) { h.vox_offset = 1e9f; }), HasSubstr("voxels would begin"));
    EXPECT_THAT(Refuse("garbage"), HasSubstr("truncated"));
    EXPECT_THAT(Refuse(std::string(400, 'x')), HasSubstr("NIfTI header"));
  }

  TEST_F(NiftiMask, RefusesTruncatedDamagedAndInflatedFiles)
  {
    const std::string file = MakeNifti(grid_, voxels_);
    EXPECT_THAT(Refuse(file.substr(0, file.size() - 1)), HasSubstr("truncated"));
    EXPECT_THAT(Refuse(file + "x"), HasSubstr("longer than its header says"));
    std::string packed = Tests::Gzip(file);
    EXPECT_THAT(Refuse(packed.substr(0, packed.size() - 9)), HasSubstr("truncated"));
    packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1);  // the checksum
    EXPECT_THAT(Refuse(packed), HasSubstr("damaged"));
    EXPECT_THAT(Refuse(Tests::Gzip(file + std::string(64 << 20, '\0'))), HasSubstr("longer than its header says"));
  }
}
