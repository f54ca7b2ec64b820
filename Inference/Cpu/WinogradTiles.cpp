// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cpu/WinogradTiles.h"

#include "Inference/Cpu/Lanes.h"

#include <algorithm>

namespace H3K27M::Cpu
{
  namespace
  {
    constexpr std::int64_t PATCH = 6;  // side of what a tile is computed from

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

    constexpr auto NEAR = static_cast<float>(TileGrid::NEAR);
    constexpr auto FAR = static_cast<float>(TileGrid::FAR);

    // B transposed: by rows the coefficients of x (x^2 - 1/2) (x^2 - 2), a root left out in each.
    H3K27M_LANES_INLINE void TransformInput(const Lanes* d, Lanes* t)
    {
      const Lanes even = d[4] - 2.0F * d[2];
      const Lanes odd = NEAR * (d[3] - 2.0F * d[1]);
      const Lanes evenOfFar = d[4] - 0.5F * d[2];
      const Lanes oddOfFar = FAR * (d[3] - 0.5F * d[1]);
      t[0] = d[0] - 2.5F * d[2] + d[4];
      t[1] = even + odd;
      t[2] = even - odd;
      t[3] = evenOfFar + oddOfFar;
      t[4] = evenOfFar - oddOfFar;
      t[5] = d[1] - 2.5F * d[3] + d[5];
    }

    // A transposed: the points to the power of 0 to 3.
    H3K27M_LANES_INLINE void TransformOutput(const Lanes* m, Lanes* y)
    {
      const Lanes sum = m[1] + m[2];
      const Lanes difference = NEAR * (m[1] - m[2]);
      const Lanes sumOfFar = m[3] + m[4];
      const Lanes differenceOfFar = FAR * (m[3] - m[4]);
      y[0] = m[0] + sum + sumOfFar;
      y[1] = difference + differenceOfFar;
      y[2] = 0.5F * sum + 2.0F * sumOfFar;
      y[3] = 0.5F * difference + 2.0F * differenceOfFar + m[5];
    }

    // A.
    H3K27M_LANES_INLINE void TransformGradient(const Lanes* d, Lanes* t)
    {
      const Lanes even = d[0] + 0.5F * d[2];
      const Lanes odd = NEAR * (d[1] + 0.5F * d[3]);
      const Lanes evenOfFar = d[0] + 2.0F * d[2];
      const Lanes oddOfFar = FAR * (d[1] + 2.0F * d[3]);
      t[0] = d[0];
      t[1] = even + odd;
      t[2] = even - odd;
      t[3] = evenOfFar + oddOfFar;
      t[4] = evenOfFar - oddOfFar;
      t[5] = d[3];
    }

    // What a tile is computed from (6 x 6 pixels from one before its first) ...
    struct InputPatch
    {
      static constexpr std::int64_t SIDE = PATCH;
      static constexpr std::int64_t BEFORE = 1;

      H3K27M_LANES_INLINE static void Transform(const Lanes* pixels, Lanes* transformed)
      {
        TransformInput(pixels, transformed);
      }
    };

    // ... and the tile itself.
    struct GradientPatch
    {
      static constexpr std::int64_t SIDE = TileGrid::SIDE;
      static constexpr std::int64_t BEFORE = 0;

      H3K27M_LANES_INLINE static void Transform(const Lanes* pixels, Lanes* transformed)
      {
        TransformGradient(pixels, transformed);
      }
    };

    // The pixels of a patch; null outside of the map.
    template <typename Kind>
    struct Patch
    {
      const float* pixels[Kind::SIDE * Kind::SIDE];
    };

    template <typename Kind>
    Patch<Kind> FindPatch(const float* map, const TileGrid& grid, std::int64_t channels, std::int64_t tile) noexcept
    {
      const TilePlace place = Locate(grid, tile);
      Patch<Kind> patch = {};

      for (std::int64_t r = 0; r < Kind::SIDE; r++)
      {
        for (std::int64_t c = 0; c < Kind::SIDE; c++)
        {
          const std::int64_t row = place.row + r - Kind::BEFORE;
          const std::int64_t column = place.column + c - Kind::BEFORE;

          if (row >= 0 && row < grid.rows && column >= 0 && column < grid.columns)
          {
            patch.pixels[r * Kind::SIDE + c] =
              map + ((place.image * grid.rows + row) * grid.columns + column) * channels;
          }
        }
      }

      return patch;
    }

    // To 6 x 6 values.
    template <typename Kind>
    H3K27M_LANES_INLINE void TransformPatch(const Patch<Kind>& patch, std::int64_t channel, float* output,
                                            std::int64_t stride)
    {
      Lanes columns[PATCH][Kind::SIDE];

      for (std::int64_t c = 0; c < Kind::SIDE; c++)
      {
        Lanes pixels[Kind::SIDE];
        Lanes transformed[PATCH];

        for (std::int64_t r = 0; r < Kind::SIDE; r++)
        {
          const float* const pixel = patch.pixels[r * Kind::SIDE + c];
          pixels[r] = pixel == nullptr ? Lanes{} : Load(pixel + channel);
        }

        Kind::Transform(pixels, transformed);

        for (std::int64_t r = 0; r < PATCH; r++)
        {
          columns[r][c] = transformed[r];
        }
      }

      for (std::int64_t r = 0; r < PATCH; r++)
      {
        Lanes transformed[PATCH];
        Kind::Transform(columns[r], transformed);

        for (std::int64_t c = 0; c < PATCH; c++)
        {
          Store(output + (r * PATCH + c) * stride + channel, transformed[c]);
        }
      }
    }

    template <typename Kind>
    H3K27M_LANES_INLINE void TransformTiles(const float* map, const TileGrid& grid, std::int64_t channels,
                                            const TileRange& range, const TileMatrices<float>& tiles)
    {
      for (std::int64_t i = 0; i < range.count; i++)
      {
        const Patch<Kind> patch = FindPatch<Kind>(map, grid, channels, range.first + i);

        for (std::int64_t channel = 0; channel < channels; channel += LANES)
        {
          TransformPatch(patch, channel, tiles.data + i * channels, tiles.stride);
        }
      }
    }

    struct OutputTile
    {
      Lanes pixels[TileGrid::SIDE][TileGrid::SIDE];
    };

    H3K27M_LANES_INLINE void TransformOutputPatch(const float* input, std::int64_t stride, OutputTile& tile)
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
    H3K27M_LANES_INLINE void Finish(Lanes value, Lanes bias, const TileEpilogue& epilogue, std::int64_t offset,
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

    // What of a tile lies within the map, and the steps there from one pixel to the next.
    struct TileExtent
    {
      std::int64_t rows;
      std::int64_t columns;
      std::int64_t rowStride;
      std::int64_t columnStride;
    };

    // offset: of the first pixel's eight channels in the map.
    H3K27M_LANES_INLINE void FinishTile(const OutputTile& tile, const TileExtent& extent, Lanes bias,
                                        const TileEpilogue& epilogue, std::int64_t offset, float* map)
    {
      for (std::int64_t row = 0; row < extent.rows; row++)
      {
        for (std::int64_t column = 0; column < extent.columns; column++)
        {
          Finish(tile.pixels[row][column], bias, epilogue,
                 offset + row * extent.rowStride + column * extent.columnStride, map);
        }
      }
    }
  }

  H3K27M_LANES_TARGET void TransformInputTiles(const float* map, const TileGrid& grid, std::int64_t channels,
                                               const TileRange& range, const TileMatrices<float>& tiles) noexcept
  {
    TransformTiles<InputPatch>(map, grid, channels, range, tiles);
  }

  H3K27M_LANES_TARGET void TransformGradientTiles(const float* map, const TileGrid& grid, std::int64_t channels,
                                                  const TileRange& range, const TileMatrices<float>& tiles) noexcept
  {
    TransformTiles<GradientPatch>(map, grid, channels, range, tiles);
  }

  H3K27M_LANES_TARGET void TransformOutputTiles(const TileMatrices<const float>& tiles, const TileGrid& grid,
                                                std::int64_t channels, const TileRange& range,
                                                const TileEpilogue& epilogue, float* map) noexcept
  {
    for (std::int64_t i = 0; i < range.count; i++)
    {
      const TilePlace place = Locate(grid, range.first + i);
      const std::int64_t rows = std::min(TileGrid::SIDE, grid.rows - place.row);
      const std::int64_t columns = std::min(TileGrid::SIDE, grid.columns - place.column);
      const std::int64_t first = ((place.image * grid.rows + place.row) * grid.columns + place.column) * channels;

      for (std::int64_t channel = 0; channel < channels; channel += LANES)
      {
        OutputTile tile;
        TransformOutputPatch(tiles.data + i * channels + channel, tiles.stride, tile);
        const Lanes bias = Load(epilogue.bias + channel);

        FinishTile(tile, {rows, columns, grid.columns * channels, channels}, bias, epilogue, first + channel, map);
      }
    }
  }
}
