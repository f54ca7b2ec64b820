// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <numbers>

// The transforms of the minimal filtering algorithm F(4 x 4, 3 x 3) (Lavin and Gray, CVPR 2016, section 4): a map is
// cut into tiles of 4 x 4 that are computed from 6 x 6 pixels each, and the convolution becomes 36 products of
// matrices, one for each position in a transformed tile. Maps are [image, row, column, channel] in float32. The
// functions run only where HasLaneInstructions().
namespace H3K27M::Cpu
{
  // How a map is cut; the tiles at the lower and right border may lie in it only partly.
  struct TileGrid
  {
    static constexpr std::int64_t SIDE = 4;
    static constexpr std::int64_t POSITIONS = 36;

    // The polynomials are interpolated at 0, NEAR, -NEAR, FAR, -FAR and infinity: roots of a half and of two. With the
    // 1 and 2 of the paper, whose powers go up to 8, the largest rounding errors of 128 channels were five times as
    // large (deviation 1: 3.1e-5 instead of 6e-6, where a convolution without minimal filtering has 3e-6).
    static constexpr double NEAR = std::numbers::sqrt2 / 2;
    static constexpr double FAR = std::numbers::sqrt2;

    std::int64_t images = 0;
    std::int64_t rows = 0;
    std::int64_t columns = 0;

    std::int64_t GetTileRows() const noexcept
    {
      return (rows + SIDE - 1) / SIDE;
    }

    std::int64_t GetTileColumns() const noexcept
    {
      return (columns + SIDE - 1) / SIDE;
    }

    std::int64_t GetCount() const noexcept
    {
      return images * GetTileRows() * GetTileColumns();
    }
  };

  // Tiles of a grid, by rows of tiles.
  struct TileRange
  {
    std::int64_t first = 0;
    std::int64_t count = 0;
  };

  // 36 matrices [tile, channel] `stride` floats apart; `data`: in the first, the row of the range's first tile.
  template <typename Float>
  struct TileMatrices
  {
    Float* data = nullptr;
    std::int64_t stride = 0;
  };

  // What follows the convolution: y = x + bias + residual; y where it is positive, else leak * y.
  struct TileEpilogue
  {
    const float* bias = nullptr;      // [channel]
    const float* residual = nullptr;  // a map as the result is; none: nothing is added
    float leak = 0;                   // 0: ReLU
  };

  // Writes the transformed tiles of a map with `channels` (a multiple of LANES); outside of the map there are zeros.
  void TransformInputTiles(const float* map, const TileGrid& grid, std::int64_t channels, const TileRange& range,
                           const TileMatrices<float>& tiles) noexcept;

  // The same for the gradient of a result: its tiles, multiplied with the input's and summed over all of them, make the
  // transformed gradient of the filters, position by position.
  void TransformGradientTiles(const float* map, const TileGrid& grid, std::int64_t channels, const TileRange& range,
                              const TileMatrices<float>& tiles) noexcept;

  // The way back, and the epilogue in the same pass.
  void TransformOutputTiles(const TileMatrices<const float>& tiles, const TileGrid& grid, std::int64_t channels,
                            const TileRange& range, const TileEpilogue& epilogue, float* map) noexcept;
}
