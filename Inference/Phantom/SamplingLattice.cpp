// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/SamplingLattice.h"

#include "Inference/Phantom/RandomSource.h"

namespace H3K27M::Phantom
{
  namespace
  {
    constexpr float stepMm = 8;

    // The bias field: coil elements near parts of the head brighten them.
    class Bias
    {
    public:
      Bias(const NoiseField& noise, std::uint64_t seed) :
        noise_(noise)
      {
        RandomSource random(seed, 0x62696173);
        amplitude_ = static_cast<float>(random.Uniform(0.05, 0.55));
        offset_ = {static_cast<float>(random.Uniform(0, 32)), static_cast<float>(random.Uniform(0, 32)),
                   static_cast<float>(random.Uniform(0, 32))};
      }

      float Evaluate(const Point& world) const noexcept
      {
        constexpr float scale = 1.0f / 90;
        const float value =
          noise_.Evaluate({world.x * scale + offset_.x, world.y * scale + offset_.y, world.z * scale + offset_.z});
        return 1 + amplitude_ * value;
      }

    private:
      const NoiseField& noise_;
      float amplitude_ = 0;
      Point offset_;
    };

    std::size_t CountNodes(float low, float high) noexcept
    {
      return static_cast<std::size_t>((high - low) / stepMm) + 2;
    }
  }

  SamplingLattice::SamplingLattice(const HeadModel& head, const NoiseField& noise, std::uint64_t seed, const Box& box) :
    low_(box.low),
    size_{CountNodes(box.low.x, box.high.x), CountNodes(box.low.y, box.high.y), CountNodes(box.low.z, box.high.z)},
    nodes_(size_[0] * size_[1] * size_[2])
  {
    const Bias bias(noise, seed);
    for (std::size_t i = 0; i < nodes_.size(); i++)
    {
      const std::size_t row = i / size_[0];
      const std::size_t slice = row / size_[1];
      const Point world = {low_.x + stepMm * static_cast<float>(i % size_[0]),
                           low_.y + stepMm * static_cast<float>(row % size_[1]),
                           low_.z + stepMm * static_cast<float>(slice)};
      const Point atlas = head.ToAtlas(world);
      nodes_[i] = {atlas.x, atlas.y, atlas.z, head.GetSkinDepthMm(atlas), bias.Evaluate(world), 0, 0, 0};
    }
  }

  void SamplingLattice::Collapse(Row& row, float y, float z) const
  {
    const float fy = (y - low_.y) / stepMm;
    const float fz = (z - low_.z) / stepMm;
    const auto iy = static_cast<std::size_t>(fy);
    const auto iz = static_cast<std::size_t>(fz);
    const float wy = fy - static_cast<float>(iy);
    const float wz = fz - static_cast<float>(iz);
    const float weights[4] = {(1 - wy) * (1 - wz), wy * (1 - wz), (1 - wy) * wz, wy * wz};
    row.low_ = low_.x;
    row.nodes_.assign(size_[0], {});
    for (std::size_t corner = 0; corner < 4; corner++)
    {
      const auto* const source = nodes_.data() + GetIndex(0, iy + corner % 2, iz + corner / 2);
      for (std::size_t x = 0; x < size_[0]; x++)
      {
        for (std::size_t channel = 0; channel < 8; channel++)
        {
          row.nodes_[x][channel] += weights[corner] * source[x][channel];
        }
      }
    }
  }

  SamplingLattice::Sample SamplingLattice::Row::Interpolate(float x) const noexcept
  {
    const float position = (x - low_) / stepMm;
    const auto node = static_cast<std::size_t>(position);
    const float weight = position - static_cast<float>(node);
    const auto& left = nodes_[node];
    const auto& right = nodes_[node + 1];
    std::array<float, 8> mixed{};
    for (std::size_t channel = 0; channel < 8; channel++)
    {
      mixed[channel] = left[channel] + weight * (right[channel] - left[channel]);
    }
    return {{mixed[0], mixed[1], mixed[2]}, mixed[3], mixed[4]};
  }
}
