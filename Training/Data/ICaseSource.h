// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/VolumeView.h"

#include <json/value.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace H3K27M::Data
{
  // One labelled case: a volume, the mask of its tumour and its genotype.
  struct TrainingCase
  {
    std::string id;                  // of the patient: the unit of splitting and of evaluation
    std::vector<float> voxels;       // [slice, row, column], as in Preprocess::VolumeView
    std::vector<std::uint8_t> mask;  // [slice, row, column], 1 = tumour
    std::int64_t genotype = 0;       // Network::GENOTYPE_*; without meaning when there is no tumour
    bool hasTumour = true;
    std::size_t slices = 0;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::array<double, 2> pixelSpacingMm{1, 1};  // between rows, between columns
    double sliceSpacingMm = 1;

    // A copy of the volume; without mask and status.
    static TrainingCase FromView(const std::string& id, const Preprocess::VolumeView& view);

    // The view refers to `voxels`.
    Preprocess::VolumeView GetView() const;
  };

  // Where labelled cases come from: phantoms made on the fly, or a BIDS folder.
  // Load() may be called from several threads at once.
  class ICaseSource
  {
  public:
    virtual ~ICaseSource() = default;

    virtual std::size_t GetCount() const = 0;

    // Throws Error with the case's name when it cannot be read.
    virtual TrainingCase Load(std::size_t index) const = 0;

    // For the model card: enough to make or find the same cases again.
    virtual Json::Value Describe() const = 0;
  };
}
