// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <numbers>

// The transforms of the minimal filtering algorithm F(4 x 4, 3 x 3) (Lavin and Gray, CVPR 2016, section 4): a map is
// cut into tiles of 4 x 4 that are computed from 6 x 6 pixels each, and the convolution becomes 36 products of
// matrices, one for each position in a transformed tile. Maps are [image, row, column, channel] in float32.
namespace H3K27M::Network
{
  // How a map is cut; the tiles at the lower and right border may lie in it only partly.
  struct TileGrid
  {
    static constexpr std::int64_t SIDE = 4;
    static constexpr std::int64_t POSITIONS = 36;
    static constexpr std::int64_t LANES = 8;  // channels that are computed together; maps have a multiple of it

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

  // Filters of one position in a tile, in the order in which MultiplyTiles() reads them.
  struct TileFilters
  {
    const float* data = nullptr;  // [output / 8, input, output % 8]
    std::int64_t inputs = 0;
    std::int64_t outputs = 0;  // a multiple of 8
  };

  // What follows the convolution: y = x + bias + residual; y where it is positive, else leak * y.
  struct TileEpilogue
  {
    const float* bias = nullptr;      // [channel]
    const float* residual = nullptr;  // a map as the result is; none: nothing is added
    float leak = 0;                   // 0: ReLU
  };

  // Whether this processor can run the functions below (on x86: AVX2 and FMA).
  bool HasTileInstructions() noexcept;

  // Writes the transformed tiles of a map with `channels` (a multiple of 8); outside of the map there are zeros.
  void TransformInputTiles(const float* map, const TileGrid& grid, std::int64_t channels, const TileRange& range,
                           const TileMatrices<float>& tiles) noexcept;

  // The same for the gradient of a result: its tiles, multiplied with the input's and summed over all of them, make the
  // transformed gradient of the filters, position by position.
  void TransformGradientTiles(const float* map, const TileGrid& grid, std::int64_t channels, const TileRange& range,
                              const TileMatrices<float>& tiles) noexcept;

  // left [tile, input] times the filters -> right [tile, output], one position. A product of matrices with few rows and
  // a right side that is always the same: with MKL's, a quarter of the products' time was spent in bringing that side
  // into MKL's order, again for each group of tiles, and in setting the result to zero.
  void MultiplyTiles(const float* left, const TileFilters& filters, std::int64_t tiles, float* right) noexcept;

  // The way back, and the epilogue in the same pass.
  void TransformOutputTiles(const TileMatrices<const float>& tiles, const TileGrid& grid, std::int64_t channels,
                            const TileRange& range, const TileEpilogue& epilogue, float* map) noexcept;
}
