// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/FaultList.h"
#include "Plugin/Masks/LabelChoice.h"
#include "Plugin/Masks/LabelMeShape.h"
#include "Plugin/Masks/SliceNames.h"
#include "Plugin/Results/MaskVolume.h"

#include <map>
#include <string_view>
#include <vector>

namespace H3K27M::Masks
{
  // A mask from LabelMe files (JSON), one for each slice; slices without a file are background. Files come in one by
  // one, so that no more than one is in memory as JSON; every fault is kept and told at the end. One thread.
  class LabelMeMask
  {
  public:
    static constexpr std::size_t MAX_FILE_BYTES = 32 << 20;  // LabelMe may embed the image (imageData)
    static constexpr std::size_t MAX_VALUES = 1'000'000;     // numbers, texts and brackets of one JSON text
    static constexpr std::size_t MAX_POINTS = 200'000;       // of all shapes together

    // The series must outlive this object.
    explicit LabelMeMask(const Volume::SourceSeries& series);

    // `name`: of the file; its stem is SOPInstanceUID or InstanceNumber of the slice (SliceNames.h).
    void AddFile(const std::string& name, std::string_view text);

    // One document, or an array of them; each names its slice by its imagePath.
    void AddDocuments(const Json::Value& json);

    // Throws Error(BadInput) with all faults, or when the labels leave a choice.
    Results::MaskVolume Finish(const LabelChoice& choice) const;

  private:
    void AddDocument(const std::string& name, const Json::Value& json);
    void CheckSize(const std::string& what, const Json::Value& json);

    const Volume::SourceSeries& series_;
    SliceNames names_;
    Support::FaultList faults_;
    std::map<std::size_t, std::vector<LabelMeShape>> shapes_;  // by slice
    std::size_t points_ = 0;
    std::size_t documents_ = 0;
  };
}
