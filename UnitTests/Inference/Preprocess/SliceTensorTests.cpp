// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/SliceTensor.h"
#include "Inference/Protocol/Error.h"
#include "UnitTests/Inference/Preprocess/SyntheticVolume.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace
{
  using namespace H3K27M;
  using Preprocess::Framing;
  using Preprocess::PreprocessOptions;
  using Preprocess::SliceTensor;
  using Preprocess::SyntheticVolume;

  constexpr float BACKGROUND = -0.154f / 0.202f;
  constexpr float WHITE = (1.0f - 0.154f) / 0.202f;

  // Logits of the network's grid that say `label` inside `labels` and background elsewhere.
  std::vector<float> ToLogits(const std::vector<std::uint8_t>& labels)
  {
    std::vector<float> logits(3 * labels.size(), 0.0f);
    for (std::size_t i = 0; i < labels.size(); ++i)
    {
      logits[labels[i] * labels.size() + i] = 1.0f;
    }
    return logits;
  }

  struct Overlap
  {
    std::size_t both = 0;
    std::size_t first = 0;
    std::size_t second = 0;

    double GetDice() const
    {
      return 2 * static_cast<double>(both) / static_cast<double>(first + second);
    }
  };

  Overlap Compare(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b)
  {
    Overlap overlap;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
      overlap.first += a[i] != 0 ? 1 : 0;
      overlap.second += b[i] != 0 ? 1 : 0;
      overlap.both += a[i] != 0 && a[i] == b[i] ? 1 : 0;
    }
    return overlap;
  }

  // A disc of 30 mm radius, off the centre, on the native grid.
  std::vector<std::uint8_t> DrawDisc(const Preprocess::VolumeView& volume)
  {
    std::vector<std::uint8_t> labels(volume.GetSliceSize(), 0);
    for (std::size_t row = 0; row < volume.rows; ++row)
    {
      for (std::size_t column = 0; column < volume.columns; ++column)
      {
        const double y =
          (static_cast<double>(row) + 0.5 - 0.55 * static_cast<double>(volume.rows)) * volume.pixelSpacingMm[0];
        const double x =
          (static_cast<double>(column) + 0.5 - 0.45 * static_cast<double>(volume.columns)) * volume.pixelSpacingMm[1];
        labels[row * volume.columns + column] = x * x + y * y < 900 ? 2 : 0;
      }
    }
    return labels;
  }

  struct Matrix
  {
    std::size_t rows;
    std::size_t columns;
    double rowSpacingMm;
    double columnSpacingMm;
  };

  class AnyMatrix : public testing::TestWithParam<Matrix>
  {
  };

  TEST_P(AnyMatrix, PutsMaskBackOnItsGrid)
  {
    const Matrix matrix = GetParam();
    const SyntheticVolume volume(2, matrix.rows, matrix.columns, matrix.rowSpacingMm, matrix.columnSpacingMm);
    const SliceTensor tensor(volume.GetView(), PreprocessOptions());
    const std::vector<std::uint8_t> disc = DrawDisc(volume.GetView());
    std::vector<std::uint8_t> onGrid(256 * 256);
    tensor.WriteLabels(disc, onGrid);
    std::vector<std::uint8_t> back(disc.size(), 77);
    const std::size_t count = tensor.RestoreMask(ToLogits(onGrid), back);
    const Overlap overlap = Compare(disc, back);
    EXPECT_GT(overlap.GetDice(), 0.97);
    EXPECT_EQ(count, overlap.second);
    EXPECT_LE(*std::max_element(back.begin(), back.end()), 2);
  }

  TEST_P(AnyMatrix, PutsAMapBackOnItsGrid)
  {
    const Matrix matrix = GetParam();
    const SyntheticVolume volume(2, matrix.rows, matrix.columns, matrix.rowSpacingMm, matrix.columnSpacingMm);
    const SliceTensor tensor(volume.GetView(), PreprocessOptions());
    const std::vector<std::uint8_t> disc = DrawDisc(volume.GetView());
    std::vector<std::uint8_t> onGrid(256 * 256);
    tensor.WriteLabels(disc, onGrid);
    const std::vector<float> map(onGrid.begin(), onGrid.end());
    std::vector<float> back(disc.size(), 77.0f);
    tensor.RestoreMap(map, back);
    EXPECT_GE(*std::min_element(back.begin(), back.end()), 0.0f);
    EXPECT_LE(*std::max_element(back.begin(), back.end()), *std::max_element(map.begin(), map.end()));
    std::vector<std::uint8_t> shape(back.size());
    std::transform(back.begin(), back.end(), shape.begin(), [](float value) { return value > 0.5f ? 1 : 0; });
    std::vector<std::uint8_t> expected(disc.size());
    std::transform(disc.begin(), disc.end(), expected.begin(), [](std::uint8_t label) { return label != 0 ? 1 : 0; });
    EXPECT_GT(Compare(expected, shape).GetDice(), 0.95);
  }

  TEST_P(AnyMatrix, KeepsTheHeadRoundInMm)
  {
    const Matrix matrix = GetParam();
    const SyntheticVolume volume(1, matrix.rows, matrix.columns, matrix.rowSpacingMm, matrix.columnSpacingMm);
    const SliceTensor tensor(volume.GetView(), PreprocessOptions());
    const std::vector<float> grid = tensor.WriteAll();
    ASSERT_EQ(grid.size(), 256u * 256u);
    EXPECT_TRUE(std::all_of(grid.begin(), grid.end(),
                            [](float value) { return value >= BACKGROUND - 1e-5f && value <= WHITE + 1e-5f; }));

    // The inner ellipse is half as long as the outer; the outer fills the window but for the margin.
    const double heightMm = 2 * std::min(95.0, 0.45 * static_cast<double>(matrix.rows) * matrix.rowSpacingMm);
    const double widthMm = 2 * std::min(75.0, 0.45 * static_cast<double>(matrix.columns) * matrix.columnSpacingMm);
    const double side = tensor.GetWindow().sideMm;
    // Blocks of up to a hundredth of the image, the margin of 5 mm at each side, and the tails that are cut.
    const double slack = 10 +
                         0.03 * std::max(static_cast<double>(matrix.rows) * matrix.rowSpacingMm,
                                         static_cast<double>(matrix.columns) * matrix.columnSpacingMm) +
                         2 * std::max(matrix.rowSpacingMm, matrix.columnSpacingMm);
    EXPECT_NEAR(side, std::max(heightMm, widthMm), slack);

    std::size_t rowsInside = 0;
    std::size_t columnsInside = 0;
    for (std::size_t i = 0; i < 256; ++i)
    {
      rowsInside += grid[i * 256 + 128] > 0.5f ? 1 : 0;
      columnsInside += grid[128 * 256 + i] > 0.5f ? 1 : 0;
    }
    const double tolerance = 4 + 3 * 256 / side * std::max(matrix.rowSpacingMm, matrix.columnSpacingMm);
    EXPECT_NEAR(static_cast<double>(rowsInside), std::min(256.0, heightMm / side * 256), tolerance);
    EXPECT_NEAR(static_cast<double>(columnsInside), std::min(256.0, widthMm / side * 256), tolerance);
  }

  INSTANTIATE_TEST_SUITE_P(SliceTensor, AnyMatrix,
                           testing::Values(Matrix{256, 256, 0.9, 0.9}, Matrix{512, 512, 0.45, 0.45},
                                           Matrix{320, 260, 0.7, 0.7}, Matrix{255, 383, 0.81, 0.53},
                                           Matrix{64, 64, 3.5, 3.5}, Matrix{448, 224, 0.5, 1.0},
                                           Matrix{2048, 2048, 0.12, 0.12}, Matrix{131, 97, 1.7, 2.3}));

  TEST(SliceTensor, AverageOfWholeWindowIsKept)
  {
    // Area averaging keeps the mean when the whole image is in the window.
    SyntheticVolume volume(1, 512, 512, 1, 1);
    std::fill(volume.voxels.begin(), volume.voxels.end(), 0.0f);
    for (std::size_t row = 0; row < 512; ++row)
    {
      for (std::size_t column = 0; column < 512; ++column)
      {
        volume.At(0, row, column) = static_cast<float>((row * 7 + column * 13) % 101);
      }
    }
    PreprocessOptions options;
    options.framing = Framing::CentreSquare;
    options.lowerPercentile = 0;
    options.upperPercentile = 100;
    const std::vector<float> grid = SliceTensor(volume.GetView(), options).WriteAll();
    const double mean =
      std::accumulate(grid.begin(), grid.end(), 0.0) / static_cast<double>(grid.size()) * 0.202 + 0.154;
    const double wanted = std::accumulate(volume.voxels.begin(), volume.voxels.end(), 0.0) /
                          static_cast<double>(volume.voxels.size()) / 100;
    EXPECT_NEAR(mean, wanted, 1e-5);
    // Two by two pixels each, worked out by hand for one of them: rows 20, 21 and columns 30, 31.
    const auto value = [](int row, int column) { return (row * 7 + column * 13) % 101; };
    const double byHand = (value(20, 30) + value(20, 31) + value(21, 30) + value(21, 31)) / 400.0;
    EXPECT_NEAR(grid[10 * 256 + 15], (byHand - 0.154) / 0.202, 1e-5);
  }

  TEST(SliceTensor, RepeatsTheSliceOverChannels)
  {
    const SyntheticVolume volume(1, 100, 120, 2, 2);
    PreprocessOptions options;
    options.channels = 3;
    const std::vector<float> three = SliceTensor(volume.GetView(), options).WriteAll();
    options.channels = 1;
    const std::vector<float> one = SliceTensor(volume.GetView(), options).WriteAll();
    ASSERT_EQ(three.size(), 3 * one.size());
    for (std::size_t channel = 0; channel < 3; ++channel)
    {
      EXPECT_TRUE(
        std::equal(one.begin(), one.end(), three.begin() + static_cast<std::ptrdiff_t>(channel * one.size())));
    }
  }

  TEST(SliceTensor, CentreSquareIgnoresWhereTheHeadIs)
  {
    const SyntheticVolume volume(1, 300, 200, 1, 1);
    PreprocessOptions options;
    options.framing = Framing::CentreSquare;
    const SliceTensor tensor(volume.GetView(), options);
    EXPECT_DOUBLE_EQ(tensor.GetWindow().sideMm, 200);
    EXPECT_DOUBLE_EQ(tensor.GetWindow().row.begin, 50);
    EXPECT_DOUBLE_EQ(tensor.GetWindow().column.begin, 0);
  }

  TEST(SliceTensor, MarksSlicesWithoutHead)
  {
    SyntheticVolume volume(500, 64, 64, 3, 3);
    for (std::size_t slice : {std::size_t{0}, std::size_t{499}})
    {
      for (std::size_t i = 0; i < 64 * 64; ++i)
      {
        volume.At(slice, i / 64, i % 64) = 5;
      }
    }
    const SliceTensor tensor(volume.GetView(), PreprocessOptions());
    EXPECT_FALSE(tensor.HasHead(0));
    EXPECT_TRUE(tensor.HasHead(1));
    EXPECT_TRUE(tensor.HasHead(498));
    EXPECT_FALSE(tensor.HasHead(499));
    EXPECT_FALSE(tensor.HasHead(500));
  }

  TEST(SliceTensor, ShowsNanAsBackgroundWithWarning)
  {
    SyntheticVolume volume(2, 128, 128, 1.8, 1.8);
    volume.At(1, 64, 64) = std::numeric_limits<float>::quiet_NaN();
    volume.At(1, 64, 65) = std::numeric_limits<float>::infinity();
    const SliceTensor tensor(volume.GetView(), PreprocessOptions());
    const std::vector<float> grid = tensor.WriteAll();
    EXPECT_TRUE(std::all_of(grid.begin(), grid.end(), [](float value) { return std::isfinite(value); }));
    EXPECT_EQ(tensor.GetWarnings().size(), 1u);
    volume.At(1, 64, 65) = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(grid, SliceTensor(volume.GetView(), PreprocessOptions()).WriteAll()) << "an infinity is no bright pixel";
  }

  TEST(SliceTensor, RefusesSizesAndSpacingsItCannotProcess)
  {
    const SyntheticVolume volume(2, 64, 64, 1, 1);
    const auto Refuses = [&volume](auto change)
    {
      Preprocess::VolumeView view = volume.GetView();
      change(view);
      EXPECT_THROW(SliceTensor(view, PreprocessOptions()), Error);
    };
    Refuses([](auto& view) { view.slices = 3; });
    Refuses([](auto& view) { view.slices = 0; });
    Refuses([](auto& view) { view.rows = 65535; });
    Refuses([](auto& view) { view.columns = 7; });
    Refuses([](auto& view) { view.pixelSpacingMm[0] = 0; });
    Refuses([](auto& view) { view.pixelSpacingMm[1] = -1; });
    Refuses([](auto& view) { view.sliceSpacingMm = std::numeric_limits<double>::quiet_NaN(); });
    // Sizes whose product wraps round to 0 in 64 bits.
    Refuses([](auto& view)
    {
      view.slices = std::size_t{1} << 32;
      view.rows = std::size_t{1} << 32;
    });
  }

  TEST(SliceTensor, GivesTheSameBytesTwice)
  {
    const SyntheticVolume volume(3, 200, 180, 1, 1.1);
    EXPECT_EQ(SliceTensor(volume.GetView(), PreprocessOptions()).WriteAll(),
              SliceTensor(volume.GetView(), PreprocessOptions()).WriteAll());
  }

  TEST(SliceTensor, ScaleOfStoredValuesDoesNotMatter)
  {
    const SyntheticVolume volume(1, 160, 160, 1.2, 1.2);
    SyntheticVolume scaled = volume;
    for (float& voxel : scaled.voxels)
    {
      voxel = voxel * 0.25f - 512;
    }
    const std::vector<float> a = SliceTensor(volume.GetView(), PreprocessOptions()).WriteAll();
    const std::vector<float> b = SliceTensor(scaled.GetView(), PreprocessOptions()).WriteAll();
    for (std::size_t i = 0; i < a.size(); ++i)
    {
      ASSERT_NEAR(a[i], b[i], 1e-3) << i;
    }
  }
}
