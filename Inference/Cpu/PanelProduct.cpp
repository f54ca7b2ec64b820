// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cpu/PanelProduct.h"

#include "Inference/Cpu/Lanes.h"

namespace H3K27M::Cpu
{
  namespace
  {
    // Six rows by two vectors of outputs: twelve sums, and the three values that they grow by, fit the registers of
    // AVX2. `right`: the first vector's; that of the second lies a panel further on.
    template <std::int64_t ROWS, std::int64_t VECTORS>
    H3K27M_LANES_INLINE void MultiplyBlock(const float* left, const float* right, const PanelShape& shape,
                                           float* result)
    {
      const std::int64_t step = shape.inputs * LANES;
      Lanes sums[ROWS][VECTORS] = {};

      for (std::int64_t input = 0; input < shape.inputs; input++)
      {
        Lanes weights[VECTORS];

#pragma GCC unroll 2
        for (std::int64_t v = 0; v < VECTORS; v++)
        {
          weights[v] = Load(right + v * step + input * LANES);
        }

#pragma GCC unroll 6
        for (std::int64_t r = 0; r < ROWS; r++)
        {
          const float value = left[r * shape.leftStride + input];

#pragma GCC unroll 2
          for (std::int64_t v = 0; v < VECTORS; v++)
          {
            sums[r][v] += value * weights[v];
          }
        }
      }

#pragma GCC unroll 6
      for (std::int64_t r = 0; r < ROWS; r++)
      {
#pragma GCC unroll 2
        for (std::int64_t v = 0; v < VECTORS; v++)
        {
          Store(result + r * shape.resultStride + v * LANES, sums[r][v]);
        }
      }
    }

    // Fewer rows than a block has, as a block of their own: one by one, whose two sums wait for each other, each took
    // nearly as long as six at once, and a map's tiles are seldom a multiple of six.
    template <std::int64_t VECTORS>
    H3K27M_LANES_INLINE void MultiplyLastRows(const float* left, const float* right, const PanelShape& shape,
                                              std::int64_t rows, float* result)
    {
      switch (rows)
      {
        case 1:
          MultiplyBlock<1, VECTORS>(left, right, shape, result);
          break;
        case 2:
          MultiplyBlock<2, VECTORS>(left, right, shape, result);
          break;
        case 3:
          MultiplyBlock<3, VECTORS>(left, right, shape, result);
          break;
        case 4:
          MultiplyBlock<4, VECTORS>(left, right, shape, result);
          break;
        case 5:
          MultiplyBlock<5, VECTORS>(left, right, shape, result);
          break;
        default:
          break;
      }
    }

    // All rows for VECTORS vectors of outputs, whose right side stays in the first cache meanwhile.
    template <std::int64_t VECTORS>
    H3K27M_LANES_INLINE void MultiplyPanel(const float* left, const float* right, const PanelShape& shape,
                                           std::int64_t rows, float* result)
    {
      constexpr std::int64_t ROWS = 6;
      std::int64_t row = 0;

      for (; row + ROWS <= rows; row += ROWS)
      {
        MultiplyBlock<ROWS, VECTORS>(left + row * shape.leftStride, right, shape, result + row * shape.resultStride);
      }

      MultiplyLastRows<VECTORS>(left + row * shape.leftStride, right, shape, rows - row,
                                result + row * shape.resultStride);
    }
  }

  H3K27M_LANES_TARGET void MultiplyPanels(const float* left, const float* right, const PanelShape& shape,
                                          std::int64_t rows, float* result) noexcept
  {
    constexpr std::int64_t PAIR = 2 * LANES;
    std::int64_t output = 0;

    for (; output + PAIR <= shape.outputs; output += PAIR)
    {
      MultiplyPanel<2>(left, right + output * shape.inputs, shape, rows, result + output);
    }

    if (output < shape.outputs)
    {
      MultiplyPanel<1>(left, right + output * shape.inputs, shape, rows, result + output);
    }
  }
}
