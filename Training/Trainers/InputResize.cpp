// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/InputResize.h"

#include "Inference/Protocol/Error.h"

#include <string>
#include <string_view>

namespace H3K27M::Trainers
{
  namespace
  {
    constexpr std::int64_t SMALLEST_STEP = 16;  // pixels per row of the coarsest feature map

    bool EndsWith(std::string_view name, std::string_view ending)
    {
      return name.size() >= ending.size() && name.substr(name.size() - ending.size()) == ending;
    }

    // [N, channel, row, column] -> the same with `side` rows and columns.
    torch::Tensor Interpolate(const torch::Tensor& map, std::int64_t side)
    {
      namespace F = torch::nn::functional;
      return F::interpolate(map, F::InterpolateFuncOptions()
                                   .size(std::vector<std::int64_t>{side, side})
                                   .mode(torch::kBilinear)
                                   .align_corners(false));
    }

    [[noreturn]] void Refuse(const std::string& name, std::int64_t size)
    {
      throw Error(ErrorCode::BadInput, "The tensor '" + name + "' is not of a network for " + std::to_string(size) +
                                         " x " + std::to_string(size) + " pixels");
    }

    // [1, row * column, feature]; the feature map has an eighth or a sixteenth of the input's rows.
    torch::Tensor ResizePositions(const std::string& name, const torch::Tensor& positions, std::int64_t fromSize,
                                  std::int64_t toSize)
    {
      for (const std::int64_t step : {SMALLEST_STEP / 2, SMALLEST_STEP})
      {
        const std::int64_t from = fromSize / step;
        const std::int64_t to = toSize / step;
        if (positions.dim() == 3 && positions.size(1) == from * from)
        {
          const std::int64_t features = positions.size(2);
          const torch::Tensor map = positions.reshape({1, from, from, features}).permute({0, 3, 1, 2});
          return Interpolate(map, to).permute({0, 2, 3, 1}).reshape({1, to * to, features}).contiguous();
        }
      }
      Refuse(name, fromSize);
    }

    // [2, channel * row * column], the channel slowest.
    torch::Tensor ResizeClassWeights(const std::string& name, const torch::Tensor& weights, std::int64_t fromSize,
                                     std::int64_t toSize)
    {
      const std::int64_t from = fromSize / SMALLEST_STEP;
      const std::int64_t to = toSize / SMALLEST_STEP;
      if (weights.dim() != 2 || weights.size(1) % (from * from) != 0)
      {
        Refuse(name, fromSize);
      }
      const torch::Tensor map = weights.reshape({weights.size(0), weights.size(1) / (from * from), from, from});
      const double growth = static_cast<double>(to * to) / static_cast<double>(from * from);
      return (Interpolate(map, to) / growth).reshape({weights.size(0), -1}).contiguous();
    }
  }

  Weights::TensorMap ResizeInput(const Weights::TensorMap& weights, std::int64_t fromSize, std::int64_t toSize)
  {
    const torch::NoGradGuard noGradient;
    Weights::TensorMap resized;
    for (const auto& [name, tensor] : weights.GetAll())
    {
      if (EndsWith(name, "position_embeddings"))
      {
        resized.Set(name, ResizePositions(name, tensor, fromSize, toSize));
      }
      else if (EndsWith(name, "cls_cls.weight") || name == "classifier.cls.weight")
      {
        resized.Set(name, ResizeClassWeights(name, tensor, fromSize, toSize));
      }
      else
      {
        resized.Set(name, tensor);
      }
    }
    return resized;
  }
}
