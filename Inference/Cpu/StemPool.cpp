// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cpu/StemPool.h"

#include "Inference/Cpu/Lanes.h"
#include "Inference/Network/Axes.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>

namespace H3K27M::Cpu
{
  namespace
  {
    constexpr std::int64_t STRIDE = 2;

    struct MapShape
    {
      std::int64_t rows = 0;
      std::int64_t columns = 0;
      std::int64_t channels = 0;
    };

    struct Window
    {
      std::int64_t begin;
      std::int64_t end;
    };

    // Three pixels around the place that the result's one stands for, as far as they lie in the map.
    Window GetWindow(std::int64_t place, std::int64_t size) noexcept
    {
      return {std::max<std::int64_t>(0, STRIDE * place - 1), std::min(size, STRIDE * place + 2)};
    }

    // The largest values of some channels in a window, and zero, which is the ReLU.
    H3K27M_LANES_INLINE Lanes GetLargestOfWindow(const float* channels, const MapShape& shape, const Window& rows,
                                                 const Window& columns)
    {
      Lanes largest = {};

      for (std::int64_t r = rows.begin; r < rows.end; r++)
      {
        for (std::int64_t c = columns.begin; c < columns.end; c++)
        {
          const Lanes value = Load(channels + (r * shape.columns + c) * shape.channels);
          // What is not a number is larger than any, and stays.
          const auto isLarger = (value > largest) | (value != value);
          largest = isLarger ? value : largest;
        }
      }

      return largest;
    }

    // One row of the result, of one image.
    H3K27M_LANES_TARGET void PoolRow(const float* image, const MapShape& shape, std::int64_t row,
                                     float* result) noexcept
    {
      const Window rows = GetWindow(row, shape.rows);

      for (std::int64_t column = 0; column < (shape.columns + 1) / STRIDE; column++)
      {
        const Window columns = GetWindow(column, shape.columns);

        for (std::int64_t channel = 0; channel < shape.channels; channel += LANES)
        {
          Store(result + column * shape.channels + channel, GetLargestOfWindow(image + channel, shape, rows, columns));
        }
      }
    }
  }

  torch::Tensor RectifyAndPool(const torch::Tensor& map)
  {
    const torch::NoGradGuard noGrad;
    const MapShape shape{map.size(Network::AXIS_ROW), map.size(Network::AXIS_COLUMN), map.size(Network::AXIS_CHANNEL)};
    TORCH_CHECK(map.scalar_type() == torch::kFloat32 && shape.channels % LANES == 0, "such a map cannot be pooled");
    const torch::Tensor source = map.contiguous(torch::MemoryFormat::ChannelsLast);
    const std::int64_t images = map.size(Network::AXIS_SLICE);
    const std::int64_t rows = (shape.rows + 1) / STRIDE;
    const std::int64_t columns = (shape.columns + 1) / STRIDE;
    torch::Tensor result = torch::empty({images, shape.channels, rows, columns},
                                        map.options().memory_format(torch::MemoryFormat::ChannelsLast));
    const auto* const pixels = source.const_data_ptr<float>();
    auto* const target = result.data_ptr<float>();
    at::parallel_for(0, images * rows, 1, [&](std::int64_t begin, std::int64_t end)
    {
      for (std::int64_t i = begin; i < end; i++)
      {
        PoolRow(pixels + i / rows * shape.rows * shape.columns * shape.channels, shape, i % rows,
                target + i * columns * shape.channels);
      }
    });
    return result;
  }
}
