// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/IntensityRange.h"

#include "Inference/Preprocess/FloatOrder.h"
#include "Inference/Preprocess/HostVolumeStatistics.h"
#include "Inference/Protocol/Error.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace H3K27M::Preprocess
{
  namespace
  {
    constexpr double LARGEST_SHARE_OF_NON_FINITE = 0.01;

    // The n-th smallest values for a few ranks at once: the first pass counts the upper halves of the patterns, the
    // second the lower halves within the bins where the ranks fall.
    class RankFinder
    {
    public:
      static constexpr std::size_t RANKS = 4;

      explicit RankFinder(const IVolumeStatistics& voxels) :
        voxels_(voxels),
        upper_(voxels.CountUpperHalves()),
        finite_(std::accumulate(upper_.begin(), upper_.end(), std::size_t{0}))
      {
      }

      std::size_t GetFiniteCount() const noexcept
      {
        return finite_;
      }

      // `ranks` in ascending order, each below GetFiniteCount().
      std::array<float, RANKS> Find(const std::array<std::size_t, RANKS>& ranks) const
      {
        std::array<std::uint32_t, RANKS> bins{};
        std::array<std::size_t, RANKS> rests{};
        std::size_t before = 0;
        std::uint32_t bin = 0;
        for (std::size_t i = 0; i < RANKS; ++i)
        {
          while (before + upper_[bin] <= ranks[i])
          {
            before += upper_[bin];
            ++bin;
          }
          bins[i] = bin;
          rests[i] = ranks[i] - before;
        }
        std::array<float, RANKS> values{};
        for (std::size_t i = 0; i < RANKS; ++i)
        {
          values[i] =
            i > 0 && bins[i] == bins[i - 1] && rests[i] == rests[i - 1] ? values[i - 1] : FindInBin(bins[i], rests[i]);
        }
        return values;
      }

    private:
      float FindInBin(std::uint32_t bin, std::size_t rest) const
      {
        const std::vector<std::size_t> lower = voxels_.CountLowerHalves(bin);
        std::uint32_t low = 0;
        while (rest >= lower[low])
        {
          rest -= lower[low];
          ++low;
        }
        return std::bit_cast<float>(FromOrder((bin << 16) | low));
      }

      const IVolumeStatistics& voxels_;
      std::vector<std::size_t> upper_;
      std::size_t finite_;
    };

    std::size_t GetRank(double percentile, std::size_t count)
    {
      return static_cast<std::size_t>(std::floor(percentile / 100 * static_cast<double>(count - 1) + 0.5));
    }
  }

  IntensityRange IntensityRange::Measure(std::span<const float> voxels, double lowerPercentile, double upperPercentile)
  {
    return Measure(HostVolumeStatistics(voxels), voxels.size(), lowerPercentile, upperPercentile);
  }

  IntensityRange IntensityRange::Measure(const IVolumeStatistics& voxels, std::size_t count, double lowerPercentile,
                                         double upperPercentile)
  {
    if (!(lowerPercentile >= 0) || !(upperPercentile <= 100) || !(lowerPercentile < upperPercentile))
    {
      throw Error(ErrorCode::BadInput, "The percentiles of the intensity range are not 0 <= lower < upper <= 100");
    }
    const RankFinder finder(voxels);
    const std::size_t finite = finder.GetFiniteCount();
    IntensityRange range;
    range.nonFiniteVoxels = count - finite;
    if (finite == 0 ||
        static_cast<double>(range.nonFiniteVoxels) > LARGEST_SHARE_OF_NON_FINITE * static_cast<double>(count))
    {
      throw Error(ErrorCode::BadInput, std::to_string(range.nonFiniteVoxels) + " of " + std::to_string(count) +
                                         " voxels are NaN or infinite; more than 1 % are refused");
    }
    if (range.nonFiniteVoxels > 0)
    {
      range.warnings.push_back(std::to_string(range.nonFiniteVoxels) +
                               " voxels are NaN or infinite and were taken as background");
    }

    const auto values =
      finder.Find({0, GetRank(lowerPercentile, finite), GetRank(upperPercentile, finite), finite - 1});
    if (!(values[0] < values[3]))
    {
      throw Error(ErrorCode::BadInput, "The image is constant: all voxels have the value " + std::to_string(values[0]));
    }
    range.low = values[1];
    range.high = values[2];
    if (!(range.low < range.high))
    {
      range.low = values[0];
      range.high = values[3];
      range.warnings.push_back("Nearly all voxels have one value; the intensity range is that of the extremes");
    }
    return range;
  }
}
