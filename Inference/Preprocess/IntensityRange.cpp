// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/IntensityRange.h"

#include "Inference/Preprocess/FloatOrder.h"
#include "Inference/Preprocess/HostVolumeStatistics.h"
#include "Inference/Protocol/Error.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace H3K27M::Preprocess
{
  namespace
  {
    constexpr double LARGEST_SHARE_OF_NON_FINITE = 0.01;

    // The values of ranks: the first pass over the voxels counts the upper halves of the patterns, and one more for
    // each value that is read the lower halves within the bin where its rank falls.
    class RankFinder
    {
    public:
      // Where a rank falls: the bin, and how many of it are smaller.
      struct Place
      {
        std::uint32_t bin = 0;
        std::size_t rest = 0;

        bool operator==(const Place&) const = default;
      };

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

      // `rank`: below GetFiniteCount().
      Place Locate(std::size_t rank) const
      {
        Place place{0, rank};
        while (place.rest >= upper_[place.bin])
        {
          place.rest -= upper_[place.bin];
          ++place.bin;
        }
        return place;
      }

      float Read(const Place& place) const
      {
        const std::vector<std::size_t> lower = voxels_.CountLowerHalves(place.bin);
        std::size_t rest = place.rest;
        std::uint32_t low = 0;
        while (rest >= lower[low])
        {
          rest -= lower[low];
          ++low;
        }
        return std::bit_cast<float>(FromOrder((place.bin << 16) | low));
      }

    private:
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

    const RankFinder::Place low = finder.Locate(GetRank(lowerPercentile, finite));
    const RankFinder::Place high = finder.Locate(GetRank(upperPercentile, finite));
    range.low = finder.Read(low);
    range.high = low == high ? range.low : finder.Read(high);
    if (range.low < range.high)
    {
      return range;
    }
    // The extremes matter here alone: each is another pass over the volume.
    range.low = finder.Read(finder.Locate(0));
    range.high = finder.Read(finder.Locate(finite - 1));
    if (!(range.low < range.high))
    {
      throw Error(ErrorCode::BadInput, "The image is constant: all voxels have the value " + std::to_string(range.low));
    }
    range.warnings.push_back("Nearly all voxels have one value; the intensity range is that of the extremes");
    return range;
  }
}
