// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Inference/Network/ParityData.h"

namespace H3K27M::Testing
{
  namespace
  {
    bool IsInDisc(int sample, int y, int x)
    {
      const int dx = x - 120 - 8 * sample;
      const int dy = y - 112 - 14 * sample;
      const int radius = 34 + 6 * sample;
      return dx * dx + dy * dy <= radius * radius;
    }

    bool IsInHead(int y, int x)
    {
      return (x - 128) * (x - 128) * 120 * 120 + (y - 128) * (y - 128) * 100 * 100 <= 100 * 100 * 120 * 120;
    }

    int GetPixel(int sample, int channel, int y, int x)
    {
      const int v = (37 * sample + (3 + 2 * channel) * x + (5 + sample) * y + ((x * y) >> (4 + channel))) % 256;
      return !IsInHead(y, x) ? 0 : IsInDisc(sample, y, x) ? 255 - v / 4 : v / 2;
    }
  }

  bool ParityData::IsThere()
  {
    return std::filesystem::exists(GetPath("weights_shared.safetensors"));
  }

  std::filesystem::path ParityData::GetPath(const std::string& file)
  {
    return std::filesystem::path("../shared/parity") / file;
  }

  Weights::TensorMap ParityData::Load(const std::string& file)
  {
    return Weights::TensorMap::Load(GetPath(file));
  }

  torch::Tensor ParityData::MakeInput(bool isMasked)
  {
    torch::Tensor input = torch::empty({2, 3, 256, 256}, torch::kFloat64);
    auto values = input.accessor<double, 4>();
    for (int sample = 0; sample < 2; sample++)
    {
      for (int channel = 0; channel < 3; channel++)
      {
        for (int y = 0; y < 256; y++)
        {
          for (int x = 0; x < 256; x++)
          {
            const int patch = 16 * (y / 16) + x / 16;
            const bool isHidden = isMasked && (73 * patch + 19 * sample + 5) % 256 < 116;
            const int pixel = isHidden ? 0 : GetPixel(sample, channel, y, x);
            values[sample][channel][y][x] = (pixel / 255.0 - 0.154) / 0.202;
          }
        }
      }
    }
    return input.to(torch::kFloat32);
  }

  torch::Tensor ParityData::MakeTargetMask()
  {
    torch::Tensor mask = torch::zeros({2, 256, 256}, torch::kInt64);
    auto values = mask.accessor<std::int64_t, 3>();
    for (int sample = 0; sample < 2; sample++)
    {
      for (int y = 0; y < 256; y++)
      {
        for (int x = 0; x < 256; x++)
        {
          values[sample][y][x] = IsInDisc(sample, y, x) ? sample + 1 : 0;
        }
      }
    }
    return mask;
  }

  torch::Tensor ParityData::TakeGrid(const torch::Tensor& map)
  {
    const torch::Tensor indices = torch::arange(0, 260, 7).clamp_max(255);
    return map.index_select(2, indices).index_select(3, indices);
  }

  torch::Tensor ParityData::TakeFeatureGrid(const torch::Tensor& map, std::int64_t channelStep, std::int64_t step)
  {
    return map.index_select(1, torch::arange(0, map.size(1), channelStep))
      .index_select(2, torch::arange(0, map.size(2), step))
      .index_select(3, torch::arange(0, map.size(3), step));
  }

  double GetLargestDifference(const torch::Tensor& a, const torch::Tensor& b)
  {
    TORCH_CHECK(a.sizes() == b.sizes(), "compared tensors differ in shape: ", a.sizes(), " and ", b.sizes());
    return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
  }
}
