// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/HeadFinder.h"
#include "Inference/Preprocess/IntensityRange.h"
#include "Inference/Preprocess/PreprocessOptions.h"
#include "Inference/Preprocess/SquareWindow.h"
#include "Inference/Preprocess/VolumeView.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Preprocess
{
  // From a volume to what the network sees, and back. For training, inference and tests alike: per-volume percentiles
  // to 0..1, crop to the head, pad to a square in mm, area average to inputSize, (x - 0.154) / 0.202.
  // The constructor looks at the whole volume; slices are then made one by one, so that a study of 500 slices needs no
  // second copy. Immutable once built: slices may be made from several threads. Deterministic, single-threaded,
  // no torch. The volume's voxels must outlive this object.
  class SliceTensor
  {
  public:
    // Throws Error(BadInput) with the reason: sizes or spacings out of range, constant image, too many NaN.
    SliceTensor(const VolumeView& volume, const PreprocessOptions& options);

    // `statistics`: of the volume's voxels where a device holds them, or null.
    SliceTensor(const VolumeView& volume, const PreprocessOptions& options,
                std::shared_ptr<const IVolumeStatistics> statistics);

    // Values of one slice on the network's grid: channels * inputSize * inputSize.
    std::size_t GetTargetSize() const noexcept;

    // `target` [channels, inputSize, inputSize] float32.
    void WriteSlice(std::size_t slice, std::span<float> target) const;

    // All slices, [slice, channels, inputSize, inputSize] float32: for small volumes and tests.
    std::vector<float> WriteAll() const;

    // Labels of one slice [row, column] onto the network's grid [inputSize, inputSize]: the label at each pixel's
    // centre, 0 outside the image. For training.
    void WriteLabels(std::span<const std::uint8_t> labels, std::span<std::uint8_t> target) const;

    // The inverse for the network's answer: `logits` [3, inputSize, inputSize] are interpolated at the centre of each
    // native pixel, then the greatest class is taken (0 outside the window). `mask` [row, column] is overwritten.
    // Returns the number of pixels that are not background.
    std::size_t RestoreMask(std::span<const float> logits, std::span<std::uint8_t> mask) const;

    // The same for a map of one plane: `map` [inputSize, inputSize], interpolated linearly; `native` [row, column] is
    // overwritten, 0 outside the window.
    void RestoreMap(std::span<const float> map, std::span<float> native) const;

    // Whether the slice holds enough of the head to be worth the network's time.
    bool HasHead(std::size_t slice) const;

    const VolumeView& GetVolume() const noexcept
    {
      return volume_;
    }

    const IVolumeStatistics& GetStatistics() const noexcept
    {
      return *statistics_;
    }

    const IntensityRange& GetRange() const noexcept
    {
      return range_;
    }

    const SquareWindow& GetWindow() const noexcept
    {
      return window_;
    }

    // For the result: what was neutralised or could not be found.
    const std::vector<std::string>& GetWarnings() const noexcept
    {
      return warnings_;
    }

  private:
    void CheckSlice(std::size_t slice, std::size_t given, std::size_t wanted) const;

    VolumeView volume_;
    PreprocessOptions options_;
    std::shared_ptr<const IVolumeStatistics> statistics_;
    IntensityRange range_;
    HeadBox head_;
    SquareWindow window_;
    std::vector<std::string> warnings_;
  };
}
