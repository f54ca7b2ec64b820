// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Inference/Network/TinyNetwork.h"

#include <cstdint>
#include <string>

namespace H3K27M::Testing
{
  namespace
  {
    // FNV-1a: the same on every machine, which std::hash is not.
    std::uint32_t Hash(const std::string& text)
    {
      std::uint32_t hash = 2166136261U;
      for (const char c : text)
      {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
      }
      return hash;
    }

    // Values -0.5 .. 0.5 in steps of 1/1024: exact in every floating-point type.
    torch::Tensor MakeValues(const std::string& name, at::IntArrayRef shape)
    {
      torch::Tensor values = torch::empty(shape);
      std::uint32_t state = Hash(name);
      float* data = values.data_ptr<float>();
      for (std::int64_t i = 0; i < values.numel(); i++)
      {
        state = state * 1664525U + 1013904223U;
        data[i] = static_cast<float>(state >> 22) / 1024 - 0.5F;
      }
      return values;
    }
  }

  Network::NetworkOptions MakeTinyOptions(Network::Variant variant)
  {
    Network::NetworkOptions options;
    options.variant = variant;
    options.inputSize = 32;
    options.width = 16;
    return options;
  }

  void FillByFormula(torch::nn::Module& module)
  {
    const torch::NoGradGuard noGrad;
    for (auto& item : module.named_parameters())
    {
      const torch::Tensor values = MakeValues(item.key(), item.value().sizes());
      // Scales of norms stand round 1, weights shrink with their fan-in.
      const bool isScale = item.value().dim() == 1 && item.key().ends_with("weight");
      const double fanIn = item.value().dim() < 2 ? 4.0 : static_cast<double>(item.value()[0].numel()) / 4;
      item.value().copy_(isScale ? values * 0.5 + 1 : values / std::sqrt(fanIn));
    }
    for (auto& item : module.named_buffers())
    {
      if (item.value().is_floating_point())
      {
        const torch::Tensor values = MakeValues(item.key(), item.value().sizes());
        item.value().copy_(item.key().ends_with("running_var") ? values * 0.5 + 0.5 : values * 0.25);
      }
    }
  }

  torch::Tensor MakeTinyInput(std::int64_t slices, std::int64_t channels, std::int64_t size)
  {
    torch::Tensor input = torch::empty({slices, channels, size, size});
    auto values = input.accessor<float, 4>();
    for (std::int64_t n = 0; n < slices; n++)
    {
      for (std::int64_t c = 0; c < channels; c++)
      {
        for (std::int64_t y = 0; y < size; y++)
        {
          for (std::int64_t x = 0; x < size; x++)
          {
            values[n][c][y][x] = static_cast<float>((x * (3 + n) + y * (5 + c) + (x * y) / 4) % 64) / 16 - 1;
          }
        }
      }
    }
    return input;
  }
}
