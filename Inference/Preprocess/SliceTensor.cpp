// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/SliceTensor.h"

#include "Inference/Preprocess/GridArithmetic.h"
#include "Inference/Preprocess/HostVolumeStatistics.h"
#include "Inference/Preprocess/Normalisation.h"
#include "Inference/Preprocess/PixelArithmetic.h"
#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <cmath>

namespace H3K27M::Preprocess
{
  namespace
  {
    IntensityRange Measure(const VolumeView& volume, const PreprocessOptions& options,
                           const IVolumeStatistics& statistics)
    {
      volume.Check();
      if (options.inputSize < 16 || options.inputSize > 4096 || options.channels == 0 || options.channels > 16)
      {
        throw Error(ErrorCode::BadInput, "The network's grid must be 16 to 4096 pixels wide, with 1 to 16 channels");
      }
      return IntensityRange::Measure(statistics, volume.voxels.size(), options.lowerPercentile,
                                     options.upperPercentile);
    }

    // One axis with the weights worked out, because every row (column) of the slice asks for them again.
    struct WeightTable
    {
      explicit WeightTable(const AxisMap& axis)
      {
        taps.reserve(static_cast<std::size_t>(axis.gridSize));
        for (int i = 0; i < axis.gridSize; ++i)
        {
          const AxisTaps tap = GetTaps(axis, i);
          taps.push_back({tap.first, tap.count, weights.size()});
          for (int k = 0; k < tap.count; ++k)
          {
            weights.push_back(GetTapWeight(axis, tap, tap.first + k));
          }
        }
      }

      struct Taps
      {
        int first;
        int count;
        std::size_t weights;  // index of the first
      };

      std::vector<Taps> taps;
      std::vector<float> weights;
    };

    void AddScaled(std::span<const float> pixels, float low, float scale, float weight, std::span<float> sums)
    {
      for (std::size_t i = 0; i < sums.size(); ++i)
      {
        sums[i] += weight * ToUnitRange(pixels[i], low, scale);
      }
    }

    void WriteRow(const WeightTable& columns, std::span<const float> sums, float* target)
    {
      for (std::size_t i = 0; i < columns.taps.size(); ++i)
      {
        const auto& taps = columns.taps[i];
        float value = 0;
        for (int k = 0; k < taps.count; ++k)
        {
          value += columns.weights[taps.weights + static_cast<std::size_t>(k)] *
                   sums[static_cast<std::size_t>(taps.first) + static_cast<std::size_t>(k)];
        }
        target[i] = Normalise(value);
      }
    }
  }

  namespace
  {
    // Where a tumour class beats the background on the network's grid. Between four pixels without, interpolation
    // cannot find one: most of a slice is passed over without arithmetic.
    class TumourCells
    {
    public:
      TumourCells(std::span<const float> logits, std::size_t size) :
        size_(size),
        isTumour_(size * size),
        rowHasTumour_(size, 0)
      {
        const std::size_t plane = size * size;
        for (std::size_t i = 0; i < plane; ++i)
        {
          const float background = logits[i];
          isTumour_[i] = logits[plane + i] > background || logits[2 * plane + i] > background ? 1 : 0;
          rowHasTumour_[i / size] |= isTumour_[i];
        }
      }

      bool IsInRow(const GridTap& row) const
      {
        return row.below >= 0 && (rowHasTumour_[static_cast<std::size_t>(row.below)] != 0 ||
                                  rowHasTumour_[static_cast<std::size_t>(row.above)] != 0);
      }

      bool IsNear(const GridTap& row, const GridTap& column) const
      {
        return column.below >= 0 && (Get(row.below, column.below) | Get(row.below, column.above) |
                                     Get(row.above, column.below) | Get(row.above, column.above)) != 0;
      }

    private:
      unsigned int Get(int row, int column) const
      {
        return isTumour_[static_cast<std::size_t>(row) * size_ + static_cast<std::size_t>(column)];
      }

      std::size_t size_;
      std::vector<std::uint8_t> isTumour_;
      std::vector<std::uint8_t> rowHasTumour_;
    };
  }

  SliceTensor::SliceTensor(const VolumeView& volume, const PreprocessOptions& options) :
    SliceTensor(volume, options, nullptr)
  {
  }

  SliceTensor::SliceTensor(const VolumeView& volume, const PreprocessOptions& options,
                           std::shared_ptr<const IVolumeStatistics> statistics) :
    volume_(volume),
    options_(options),
    statistics_(statistics ? std::move(statistics) : std::make_shared<HostVolumeStatistics>(volume.voxels)),
    range_(Measure(volume, options, *statistics_)),
    head_(HeadBox::Find(volume, range_, *statistics_)),
    window_(options.framing == Framing::Head ? SquareWindow::AroundHead(volume, head_, options.inputSize)
                                             : SquareWindow::Centred(volume, options.inputSize)),
    warnings_(range_.warnings)
  {
    if (!head_.found)
    {
      warnings_.push_back("No head stands out from the background; the whole image is shown to the network");
    }
  }

  std::size_t SliceTensor::GetTargetSize() const noexcept
  {
    return options_.channels * options_.inputSize * options_.inputSize;
  }

  void SliceTensor::CheckSlice(std::size_t slice, std::size_t given, std::size_t wanted) const
  {
    if (slice >= volume_.slices || given != wanted)
    {
      throw Error(ErrorCode::Internal, "Slice " + std::to_string(slice) + " of " + std::to_string(volume_.slices) +
                                         ": " + std::to_string(given) + " values where " + std::to_string(wanted) +
                                         " are needed");
    }
  }

  void SliceTensor::WriteSlice(std::size_t slice, std::span<float> target) const
  {
    CheckSlice(slice, target.size(), GetTargetSize());
    const WeightTable rows(window_.row);
    const WeightTable columns(window_.column);
    const auto pixels = volume_.voxels.subspan(slice * volume_.GetSliceSize(), volume_.GetSliceSize());
    const float scale = 1.0f / (range_.high - range_.low);
    std::vector<float> sums(volume_.columns);
    for (std::size_t i = 0; i < options_.inputSize; ++i)
    {
      std::fill(sums.begin(), sums.end(), 0.0f);
      for (int k = 0; k < rows.taps[i].count; ++k)
      {
        const std::size_t row = static_cast<std::size_t>(rows.taps[i].first) + static_cast<std::size_t>(k);
        AddScaled(pixels.subspan(row * volume_.columns, volume_.columns), range_.low, scale,
                  rows.weights[rows.taps[i].weights + static_cast<std::size_t>(k)], sums);
      }
      WriteRow(columns, sums, target.data() + i * options_.inputSize);
    }
    const std::size_t plane = options_.inputSize * options_.inputSize;
    for (std::size_t channel = 1; channel < options_.channels; ++channel)
    {
      std::copy_n(target.data(), plane, target.data() + channel * plane);
    }
  }

  std::vector<float> SliceTensor::WriteAll() const
  {
    std::vector<float> all(volume_.slices * GetTargetSize());
    for (std::size_t slice = 0; slice < volume_.slices; ++slice)
    {
      WriteSlice(slice, std::span(all).subspan(slice * GetTargetSize(), GetTargetSize()));
    }
    return all;
  }

  void SliceTensor::WriteLabels(std::span<const std::uint8_t> labels, std::span<std::uint8_t> target) const
  {
    const std::size_t size = options_.inputSize;
    CheckSlice(0, labels.size(), volume_.GetSliceSize());
    CheckSlice(0, target.size(), size * size);
    const auto ToNative = [](const AxisMap& axis, std::size_t index)
    { return static_cast<int>(std::floor(axis.begin + (static_cast<double>(index) + 0.5) * axis.step)); };
    for (std::size_t i = 0; i < size; ++i)
    {
      const int row = ToNative(window_.row, i);
      for (std::size_t j = 0; j < size; ++j)
      {
        const int column = ToNative(window_.column, j);
        const bool isInside =
          row >= 0 && row < window_.row.nativeSize && column >= 0 && column < window_.column.nativeSize;
        target[i * size + j] =
          isInside ? labels[static_cast<std::size_t>(row) * volume_.columns + static_cast<std::size_t>(column)]
                   : std::uint8_t{0};
      }
    }
  }

  std::size_t SliceTensor::RestoreMask(std::span<const float> logits, std::span<std::uint8_t> mask) const
  {
    const std::size_t size = options_.inputSize;
    CheckSlice(0, logits.size(), 3 * size * size);
    CheckSlice(0, mask.size(), volume_.GetSliceSize());
    std::vector<GridTap> columns(volume_.columns);
    for (std::size_t j = 0; j < columns.size(); ++j)
    {
      columns[j] = GetGridTap(window_.column, static_cast<int>(j));
    }
    const TumourCells cells(logits, size);
    std::size_t count = 0;
    for (std::size_t i = 0; i < volume_.rows; ++i)
    {
      const GridTap row = GetGridTap(window_.row, static_cast<int>(i));
      const auto line = mask.subspan(i * volume_.columns, volume_.columns);
      if (!cells.IsInRow(row))
      {
        std::fill(line.begin(), line.end(), std::uint8_t{0});
        continue;
      }
      for (std::size_t j = 0; j < volume_.columns; ++j)
      {
        line[j] = cells.IsNear(row, columns[j]) ? GetClassAt(logits.data(), static_cast<int>(size), row, columns[j])
                                                : std::uint8_t{0};
        count += line[j] != 0 ? 1 : 0;
      }
    }
    return count;
  }

  void SliceTensor::RestoreMap(std::span<const float> map, std::span<float> native) const
  {
    const std::size_t size = options_.inputSize;
    CheckSlice(0, map.size(), size * size);
    CheckSlice(0, native.size(), volume_.GetSliceSize());
    for (std::size_t i = 0; i < volume_.rows; ++i)
    {
      const GridTap row = GetGridTap(window_.row, static_cast<int>(i));
      for (std::size_t j = 0; j < volume_.columns; ++j)
      {
        const GridTap column = GetGridTap(window_.column, static_cast<int>(j));
        const bool isInside = row.below >= 0 && column.below >= 0;
        native[i * volume_.columns + j] =
          isInside ? InterpolatePlane(map.data(), static_cast<int>(size), row, column) : 0.0f;
      }
    }
  }

  bool SliceTensor::HasHead(std::size_t slice) const
  {
    return slice < head_.inSlice.size() && head_.inSlice[slice];
  }
}
