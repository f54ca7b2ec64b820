// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"
#include "Inference/Preprocess/SliceTensor.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace H3K27M::Predict
{
  // What the bare network says about N slices, on the host, float32.
  struct NetworkOutput
  {
    std::vector<float> classLogits;                       // [N, 2]: altered, wild type
    std::vector<float> segmentationLogits;                // [N, 3, S, S]; empty for a variant without segmentation
    std::vector<std::vector<double>> memberAltered = {};  // [network][N]: of an ensemble, what each network says alone
    std::vector<std::vector<float>> signatures = {};      // [network][N, 4W]: GenotypeOutput::signature
  };

  // A few slices of one study, to be processed in one pass.
  struct SliceBatch
  {
    const Preprocess::SliceTensor* study = nullptr;  // must exist during the call; holds the voxels
    std::span<const std::size_t> slices;             // indices into the study; at most BackendInfo::batchSize
    std::span<std::uint8_t> masks;  // [slice, row, column] on the native grid, classes 0, 1, 2; those of slices with
                                    // BatchResult::tumourPixels are written
  };

  struct BatchResult
  {
    std::vector<double> probabilityAltered;               // per slice: softmax of the class head
    std::vector<std::size_t> tumourPixels = {};           // per slice: of its mask, those that are not background
    std::vector<std::vector<double>> memberAltered = {};  // as NetworkOutput's
    std::vector<std::vector<float>> signatures = {};      // as NetworkOutput's
    double preprocessMs = 0;
    double networkMs = 0;
    double postprocessMs = 0;
  };

  // One loaded network on one device. Not thread-safe: one caller at a time. Results depend on the slices of the
  // batch and on BackendInfo alone. Throws Error(Internal) for what the device reports, Error(Unavailable, with retry)
  // when its memory is exhausted.
  class IBackend
  {
  public:
    virtual ~IBackend() = default;

    virtual const BackendInfo& GetInfo() const noexcept = 0;

    // `images` [N, 1, S, S] float32, normalised as Preprocess/Normalisation.h says.
    virtual NetworkOutput RunNetwork(std::span<const float> images, std::size_t count) = 0;

    // What a study's preparation asks of all its voxels, where this backend wants to compute it; null: on the host.
    // Give it to the SliceTensor. `volume` is checked before memory is taken.
    virtual std::shared_ptr<const Preprocess::IVolumeStatistics> TakeVolume(const Preprocess::VolumeView&) const
    {
      return nullptr;
    }

    // From native voxels to masks on the native grid.
    virtual BatchResult RunBatch(const SliceBatch& batch) = 0;

    // Which places of `images` (as above) speak for `genotype` (Axes.h), by Network/GradCam.h: [N, S, S] float32 >= 0,
    // not normalised. Costs about what RunNetwork() does.
    virtual std::vector<float> ComputeSaliency(std::span<const float> images, std::size_t count,
                                               std::int64_t genotype) = 0;
  };
}
