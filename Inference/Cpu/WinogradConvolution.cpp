// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cpu/WinogradConvolution.h"

#include "Inference/Cpu/CanCompute.h"
#include "Inference/Cpu/Lanes.h"
#include "Inference/Cpu/PanelProduct.h"
#include "Inference/Network/Axes.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <variant>

namespace H3K27M::Cpu
{
  namespace
  {
    using Pair = torch::ExpandingArray<2>;

    constexpr std::int64_t POSITIONS = TileGrid::POSITIONS;

    bool Is(const Pair& pair, std::int64_t value)
    {
      return (*pair)[0] == value && (*pair)[1] == value;
    }

    bool IsThreeByThree(const torch::nn::detail::ConvNdOptions<2>& options)
    {
      const auto* const padding = std::get_if<Pair>(&options.padding());
      return Is(options.kernel_size(), 3) && Is(options.stride(), 1) && Is(options.dilation(), 1) &&
             options.groups() == 1 && padding != nullptr && Is(*padding, 1) &&
             std::holds_alternative<torch::enumtype::kZeros>(options.padding_mode());
    }

    // G applied to rows and columns of a filter at once: [36, 9] in float64.
    torch::Tensor MakeFilterTransform()
    {
      constexpr double NEAR = TileGrid::NEAR;
      constexpr double FAR = TileGrid::FAR;
      const torch::Tensor g = torch::tensor({{1.0, 0.0, 0.0},
                                             {-2.0 / 3, -2.0 / 3 * NEAR, -1.0 / 3},
                                             {-2.0 / 3, 2.0 / 3 * NEAR, -1.0 / 3},
                                             {1.0 / 6, 1.0 / 6 * FAR, 1.0 / 3},
                                             {1.0 / 6, -1.0 / 6 * FAR, 1.0 / 3},
                                             {0.0, 0.0, 1.0}},
                                            torch::kFloat64);
      return torch::kron(g, g);
    }

    const torch::Tensor& GetFilterTransform(torch::ScalarType precision)
    {
      static const torch::Tensor exact = MakeFilterTransform();
      static const torch::Tensor rounded = exact.to(torch::kFloat32);
      return precision == torch::kFloat32 ? rounded : exact;
    }

    // G w G transposed of each filter w, of all of them by one product: [output, input, 3, 3] ->
    // [36, output / 8, input, output % 8]. They are put into that order before the product makes four times as much of
    // them.
    torch::Tensor TransformFilters(const torch::Tensor& weight, torch::ScalarType precision)
    {
      const std::int64_t outputs = weight.size(0);
      const std::int64_t inputs = weight.size(1);
      const torch::Tensor filters = weight.to(precision)
                                      .reshape({outputs / LANES, LANES, inputs, 3, 3})
                                      .permute({3, 4, 0, 2, 1})
                                      .reshape({9, inputs * outputs});
      return torch::mm(GetFilterTransform(precision), filters)
        .view({POSITIONS, outputs / LANES, inputs, LANES})
        .to(torch::kFloat32);
    }

    using TileTransform = decltype(&TransformInputTiles);

    TileGrid GetGrid(const torch::Tensor& map)
    {
      return {map.size(Network::AXIS_SLICE), map.size(Network::AXIS_ROW), map.size(Network::AXIS_COLUMN)};
    }

    // All tiles of a map that lies as WinogradTiles.h wants it: [36, tile, channel].
    torch::Tensor TransformAllTiles(const float* map, const TileGrid& grid, std::int64_t channels,
                                    TileTransform transform)
    {
      const std::int64_t count = grid.GetCount();
      torch::Tensor tiles = torch::empty({POSITIONS, count, channels});
      auto* const target = tiles.data_ptr<float>();
      at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end)
      { transform(map, grid, channels, {begin, end - begin}, {target + begin * channels, count * channels}); });
      return tiles;
    }

    torch::Tensor TransformMap(const torch::Tensor& map, TileTransform transform)
    {
      const torch::Tensor source = map.contiguous(torch::MemoryFormat::ChannelsLast);
      return TransformAllTiles(source.const_data_ptr<float>(), GetGrid(map), map.size(Network::AXIS_CHANNEL),
                               transform);
    }
  }

  WinogradConvolution::WinogradConvolution(const torch::Tensor& weight, const torch::Tensor& bias,
                                           torch::ScalarType precision) :
    inputs_(weight.size(1)),
    outputs_(weight.size(0)),
    matrices_(TransformFilters(weight.detach(), precision)),
    bias_(bias.defined() ? bias.detach().contiguous() : torch::zeros({outputs_}))
  {
  }

  bool WinogradConvolution::Fits(const torch::nn::Conv2d& convolution)
  {
    const torch::Tensor& weight = convolution->weight;
    return CanCompute(weight) && IsThreeByThree(convolution->options) && weight.size(0) % LANES == 0 &&
           weight.size(1) % LANES == 0;
  }

  std::optional<WinogradConvolution> WinogradConvolution::TryMake(const torch::nn::Conv2d& convolution)
  {
    const torch::NoGradGuard noGrad;

    if (!Fits(convolution))
    {
      return std::nullopt;
    }

    return WinogradConvolution(convolution->weight, convolution->bias, torch::kFloat64);
  }

  WinogradConvolution WinogradConvolution::MakeForOnce(const torch::Tensor& weight, const torch::Tensor& bias)
  {
    const torch::NoGradGuard noGrad;
    return {weight, bias, torch::kFloat32};
  }

  torch::Tensor WinogradConvolution::ComputeWeightGradient(const torch::Tensor& x, const torch::Tensor& resultGradient)
  {
    const torch::NoGradGuard noGrad;
    const std::int64_t inputs = x.size(Network::AXIS_CHANNEL);
    const std::int64_t outputs = resultGradient.size(Network::AXIS_CHANNEL);
    const torch::Tensor products = torch::bmm(TransformMap(x, TransformInputTiles).transpose(1, 2),
                                              TransformMap(resultGradient, TransformGradientTiles));
    return torch::mm(GetFilterTransform(torch::kFloat32).t(), products.view({POSITIONS, inputs * outputs}))
      .view({3, 3, inputs, outputs})
      .permute({3, 2, 0, 1})
      .contiguous();
  }

  torch::Tensor WinogradConvolution::Run(const torch::Tensor& x, double leak, const torch::Tensor& residual) const
  {
    const torch::NoGradGuard noGrad;
    TORCH_CHECK(x.dim() == 4 && x.size(Network::AXIS_CHANNEL) == inputs_ && x.scalar_type() == torch::kFloat32,
                "the map is not [N, ", inputs_, ", H, W] in float32");
    const TileGrid grid = GetGrid(x);
    torch::Tensor y =
      torch::empty({grid.images, outputs_, grid.rows, grid.columns},
                   torch::TensorOptions().dtype(torch::kFloat32).memory_format(torch::MemoryFormat::ChannelsLast));
    const torch::Tensor input = x.contiguous(torch::MemoryFormat::ChannelsLast);
    TileEpilogue epilogue{bias_.const_data_ptr<float>(), nullptr, static_cast<float>(leak)};
    torch::Tensor added;

    if (residual.defined())
    {
      TORCH_CHECK(residual.sizes() == y.sizes() && residual.scalar_type() == torch::kFloat32,
                  "the residual does not have the result's shape");
      added = residual.contiguous(torch::MemoryFormat::ChannelsLast);
      epilogue.residual = added.const_data_ptr<float>();
    }

    const bool areEnough = grid.GetCount() >= GetTilesAtOnce() * at::get_num_threads();
    const auto run = areEnough ? &WinogradConvolution::RunByTiles : &WinogradConvolution::RunBySteps;
    (this->*run)(input.const_data_ptr<float>(), grid, epilogue, y.data_ptr<float>());
    return y;
  }

  void WinogradConvolution::Multiply(const float* tiles, std::int64_t position, std::int64_t count,
                                     float* products) const
  {
    const float* const filters = matrices_.const_data_ptr<float>() + position * inputs_ * outputs_;
    MultiplyPanels(tiles, filters, {inputs_, outputs_, inputs_, outputs_}, count, products);
  }

  // Multiples of the six tiles that are multiplied at once. Measured when the products were MKL's: 64 and 64 channels
  // are fastest with 32 tiles (1.98 ms; 2.48 with 128). 256 and 256 gain from more (1.74 with 128; 2.05 with 32), since
  // the filters are then read less often; 66 bound what each thread keeps for its tiles.
  std::int64_t WinogradConvolution::GetTilesAtOnce() const
  {
    constexpr std::int64_t MANY_FILTERS = 128 * 128;
    return inputs_ * outputs_ < MANY_FILTERS ? 36 : 66;
  }

  void WinogradConvolution::RunByTiles(const float* input, const TileGrid& grid, const TileEpilogue& epilogue,
                                       float* output) const
  {
    const std::int64_t tilesAtOnce = GetTilesAtOnce();
    const std::int64_t groups = (grid.GetCount() + tilesAtOnce - 1) / tilesAtOnce;
    at::parallel_for(0, groups, 1, [&](std::int64_t begin, std::int64_t end)
    {
      const torch::Tensor transformed = torch::empty({POSITIONS * tilesAtOnce * inputs_});
      const torch::Tensor products = torch::empty({POSITIONS * tilesAtOnce * outputs_});
      float* const left = transformed.data_ptr<float>();
      float* const right = products.data_ptr<float>();

      for (std::int64_t group = begin; group < end; group++)
      {
        const std::int64_t first = group * tilesAtOnce;
        const TileRange range{first, std::min(tilesAtOnce, grid.GetCount() - first)};
        TransformInputTiles(input, grid, inputs_, range, {left, range.count * inputs_});

        for (std::int64_t position = 0; position < POSITIONS; position++)
        {
          Multiply(left + position * range.count * inputs_, position, range.count,
                   right + position * range.count * outputs_);
        }

        TransformOutputTiles({right, range.count * outputs_}, grid, outputs_, range, epilogue, output);
      }
    });
  }

  void WinogradConvolution::RunBySteps(const float* input, const TileGrid& grid, const TileEpilogue& epilogue,
                                       float* output) const
  {
    const std::int64_t count = grid.GetCount();
    const torch::Tensor transformed = TransformAllTiles(input, grid, inputs_, TransformInputTiles);
    const auto* const left = transformed.const_data_ptr<float>();
    const torch::Tensor products = torch::empty({POSITIONS, count, outputs_});
    float* const right = products.data_ptr<float>();
    at::parallel_for(0, POSITIONS, 1, [&](std::int64_t begin, std::int64_t end)
    {
      for (std::int64_t position = begin; position < end; position++)
      {
        Multiply(left + position * count * inputs_, position, count, right + position * count * outputs_);
      }
    });
    at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end)
    {
      TransformOutputTiles({right + begin * outputs_, count * outputs_}, grid, outputs_, {begin, end - begin}, epilogue,
                           output);
    });
  }
}
