// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/WinogradTiles.h"

#include <algorithm>
#include <cstring>

// The program runs on any x86-64; these functions are called only where HasTileInstructions().
#if defined(__x86_64__)
#define H3K27M_TILE_TARGET __attribute__((target("avx2,fma")))
#else
#define H3K27M_TILE_TARGET
#endif

#define H3K27M_TILE_INLINE H3K27M_TILE_TARGET __attribute__((always_inline)) inline

namespace H3K27M::Network
{
  namespace
  {
    constexpr std::int64_t PATCH = 6;  // side of what a tile is computed from

    // Eight channels. A vector of the compiler's, so that one source serves AVX2 and NEON.
    using Lanes = float __attribute__((vector_size(sizeof(float) * TileGrid::LANES)));

    struct TilePlace
    {
      std::int64_t image;
      std::int64_t row;  // of the tile's first pixel
      std::int64_t column;
    };

    TilePlace Locate(const TileGrid& grid, std::int64_t tile) noexcept
    {
      const std::int64_t columns = grid.GetTileColumns();
      const std::int64_t rows = grid.GetTileRows();
      return {tile / columns / rows, tile / columns % rows * TileGrid::SIDE, tile % columns * TileGrid::SIDE};
    }

    H3K27M_TILE_INLINE Lanes Load(const float* source)
    {
      Lanes value;
      std::memcpy(&value, source, sizeof(value));
      return value;
    }

    H3K27M_TILE_INLINE void Store(float* target, Lanes value)
    {
      std::memcpy(target, &value, sizeof(value));
    }

    // B transposed, of the interpolation points 0, 1, -1, 2, -2 and infinity.
    H3K27M_TILE_INLINE void TransformInput(const Lanes* d, Lanes* t)
    {
      const Lanes even = d[4] - 4.0F * d[2];
      const Lanes odd = d[3] - 4.0F * d[1];
      const Lanes evenOfTwo = d[4] - d[2];
      const Lanes oddOfTwo = 2.0F * (d[3] - d[1]);
      t[0] = 4.0F * d[0] - 5.0F * d[2] + d[4];
      t[1] = even + odd;
      t[2] = even - odd;
      t[3] = evenOfTwo + oddOfTwo;
      t[4] = evenOfTwo - oddOfTwo;
      t[5] = 4.0F * d[1] - 5.0F * d[3] + d[5];
    }

    // A transposed.
    H3K27M_TILE_INLINE void TransformOutput(const Lanes* m, Lanes* y)
    {
      const Lanes sum = m[1] + m[2];
      const Lanes difference = m[1] - m[2];
      const Lanes sumOfTwo = m[3] + m[4];
      const Lanes differenceOfTwo = m[3] - m[4];
      y[0] = m[0] + sum + sumOfTwo;
      y[1] = difference + 2.0F * differenceOfTwo;
      y[2] = sum + 4.0F * sumOfTwo;
      y[3] = difference + 8.0F * differenceOfTwo + m[5];
    }

    // The 6 x 6 pixels of a tile; null outside of the map.
    struct Patch
    {
      const float* pixels[PATCH * PATCH];
    };

    Patch FindPatch(const float* map, const TileGrid& grid, std::int64_t channels, std::int64_t tile) noexcept
    {
      const TilePlace place = Locate(grid, tile);
      Patch patch = {};

      for (std::int64_t r = 0; r < PATCH; r++)
      {
        for (std::int64_t c = 0; c < PATCH; c++)
        {
          const std::int64_t row = place.row + r - 1;
          const std::int64_t column = place.column + c - 1;

          if (row >= 0 && row < grid.rows && column >= 0 && column < grid.columns)
          {
            patch.pixels[r * PATCH + c] = map + ((place.image * grid.rows + row) * grid.columns + column) * channels;
          }
        }
      }

      return patch;
    }

    H3K27M_TILE_INLINE void TransformInputPatch(const Patch& patch, std::int64_t channel, float* output,
                                                std::int64_t stride)
    {
      Lanes columns[PATCH][PATCH];

      for (std::int64_t c = 0; c < PATCH; c++)
      {
        Lanes pixels[PATCH];
        Lanes transformed[PATCH];

        for (std::int64_t r = 0; r < PATCH; r++)
        {
          const float* const pixel = patch.pixels[r * PATCH + c];
          pixels[r] = pixel == nullptr ? Lanes{} : Load(pixel + channel);
        }

        TransformInput(pixels, transformed);

        for (std::int64_t r = 0; r < PATCH; r++)
        {
          columns[r][c] = transformed[r];
        }
      }

      for (std::int64_t r = 0; r < PATCH; r++)
      {
        Lanes transformed[PATCH];
        TransformInput(columns[r], transformed);

        for (std::int64_t c = 0; c < PATCH; c++)
        {
          Store(output + (r * PATCH + c) * stride + channel, transformed[c]);
        }
      }
    }

    // Six tiles by two vectors of outputs: twelve sums, and the three values that they grow by, fit the registers of
    // AVX2. `filters`, `right`: of the first vector; those of the second lie `filterStep` floats and one vector on.
    template <std::int64_t TILES, std::int64_t VECTORS>
    H3K27M_TILE_INLINE void MultiplyBlock(const float* left, const float* filters, const TileFilters& shape,
                                          float* right)
    {
      constexpr std::int64_t LANES = TileGrid::LANES;
      const std::int64_t filterStep = shape.inputs * LANES;
      Lanes sums[TILES][VECTORS] = {};

      for (std::int64_t input = 0; input < shape.inputs; input++)
      {
        Lanes weights[VECTORS];

#pragma GCC unroll 2
        for (std::int64_t v = 0; v < VECTORS; v++)
        {
          weights[v] = Load(filters + v * filterStep + input * LANES);
        }

#pragma GCC unroll 6
        for (std::int64_t tile = 0; tile < TILES; tile++)
        {
          const float value = left[tile * shape.inputs + input];

#pragma GCC unroll 2
          for (std::int64_t v = 0; v < VECTORS; v++)
          {
            sums[tile][v] += value * weights[v];
          }
        }
      }

#pragma GCC unroll 6
      for (std::int64_t tile = 0; tile < TILES; tile++)
      {
#pragma GCC unroll 2
        for (std::int64_t v = 0; v < VECTORS; v++)
        {
          Store(right + tile * shape.outputs + v * LANES, sums[tile][v]);
        }
      }
    }

    // All tiles for VECTORS vectors of outputs, whose filters stay in the first cache meanwhile.
    template <std::int64_t VECTORS>
    H3K27M_TILE_INLINE void MultiplyPanel(const float* left, const float* filters, const TileFilters& shape,
                                          std::int64_t tiles, float* right)
    {
      constexpr std::int64_t TILES = 6;
      std::int64_t tile = 0;

      for (; tile + TILES <= tiles; tile += TILES)
      {
        MultiplyBlock<TILES, VECTORS>(left + tile * shape.inputs, filters, shape, right + tile * shape.outputs);
      }

      for (; tile < tiles; tile++)
      {
        MultiplyBlock<1, VECTORS>(left + tile * shape.inputs, filters, shape, right + tile * shape.outputs);
      }
    }

    struct OutputTile
    {
      Lanes pixels[TileGrid::SIDE][TileGrid::SIDE];
    };

    H3K27M_TILE_INLINE void TransformOutputPatch(const float* input, std::int64_t stride, OutputTile& tile)
    {
      Lanes columns[TileGrid::SIDE][PATCH];

      for (std::int64_t c = 0; c < PATCH; c++)
      {
        Lanes products[PATCH];
        Lanes transformed[TileGrid::SIDE];

        for (std::int64_t r = 0; r < PATCH; r++)
        {
          products[r] = Load(input + (r * PATCH + c) * stride);
        }

        TransformOutput(products, transformed);

        for (std::int64_t r = 0; r < TileGrid::SIDE; r++)
        {
          columns[r][c] = transformed[r];
        }
      }

      for (std::int64_t r = 0; r < TileGrid::SIDE; r++)
      {
        TransformOutput(columns[r], tile.pixels[r]);
      }
    }

    // offset: of the pixel's eight channels in the map.
    H3K27M_TILE_INLINE void Finish(Lanes value, Lanes bias, const TileEpilogue& epilogue, std::int64_t offset,
                                   float* map)
    {
      value += bias;

      if (epilogue.residual != nullptr)
      {
        value += Load(epilogue.residual + offset);
      }

      const Lanes leaked = value * epilogue.leak;
      Store(map + offset, value > 0.0F ? value : leaked);
    }
  }

  bool HasTileInstructions() noexcept
  {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
#else
    return true;
#endif
  }

  H3K27M_TILE_TARGET void TransformInputTiles(const float* map, const TileGrid& grid, std::int64_t channels,
                                              const TileRange& range, const TileMatrices<float>& tiles) noexcept
  {
    for (std::int64_t i = 0; i < range.count; i++)
    {
      const Patch patch = FindPatch(map, grid, channels, range.first + i);

      for (std::int64_t channel = 0; channel < channels; channel += TileGrid::LANES)
      {
        TransformInputPatch(patch, channel, tiles.data + i * channels, tiles.stride);
      }
    }
  }

  H3K27M_TILE_TARGET void MultiplyTiles(const float* left, const TileFilters& filters, std::int64_t tiles,
                                        float* right) noexcept
  {
    constexpr std::int64_t PAIR = 2 * TileGrid::LANES;
    std::int64_t output = 0;

    for (; output + PAIR <= filters.outputs; output += PAIR)
    {
      MultiplyPanel<2>(left, filters.data + output * filters.inputs, filters, tiles, right + output);
    }

    if (output < filters.outputs)
    {
      MultiplyPanel<1>(left, filters.data + output * filters.inputs, filters, tiles, right + output);
    }
  }

  H3K27M_TILE_TARGET void TransformOutputTiles(const TileMatrices<const float>& tiles, const TileGrid& grid,
                                               std::int64_t channels, const TileRange& range,
                                               const TileEpilogue& epilogue, float* map) noexcept
  {
    for (std::int64_t i = 0; i < range.count; i++)
    {
      const TilePlace place = Locate(grid, range.first + i);
      const std::int64_t rows = std::min(TileGrid::SIDE, grid.rows - place.row);
      const std::int64_t columns = std::min(TileGrid::SIDE, grid.columns - place.column);
      const std::int64_t first = ((place.image * grid.rows + place.row) * grid.columns + place.column) * channels;

      for (std::int64_t channel = 0; channel < channels; channel += TileGrid::LANES)
      {
        OutputTile tile;
        TransformOutputPatch(tiles.data + i * channels + channel, tiles.stride, tile);
        const Lanes bias = Load(epilogue.bias + channel);

        for (std::int64_t pixel = 0; pixel < rows * columns; pixel++)
        {
          const std::int64_t row = pixel / columns;
          const std::int64_t column = pixel % columns;
          Finish(tile.pixels[row][column], bias, epilogue, first + (row * grid.columns + column) * channels + channel,
                 map);
        }
      }
    }
  }
}
