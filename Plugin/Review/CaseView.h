// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Masks/MaskStore.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Review/ReadingCache.h"
#include "Plugin/Volume/FrameDecoder.h"
#include "Plugin/WorkState/WorkStore.h"

#include <json/value.h>

#include <cstddef>
#include <optional>
#include <string>

namespace H3K27M::Review
{
  // What the dashboard draws of a case: the stack of slices and the masks on it. Reads; changes nothing. Thread-safe.
  class CaseView
  {
  public:
    // Whose mask.
    enum class Drawer
    {
      Model,
      Human
    };

    // All must outlive this object.
    CaseView(Archive::IArchive& archive, const Pipeline::StudyTriage& triage, Volume::IExternalDecoder& decoder,
             WorkState::WorkStore& store);

    // {study, series, series_instance_uid, stack, rows, columns, slices, places (of each slice in the stack without
    // gaps), slice_names: {numbers, are_shown: a viewer has them too; else they count from the lowest slice},
    // pixel_spacing_mm, slice_spacing_mm, affine (voxel column, row, place to RAS mm), voxel_scale, voxel_offset,
    // masks: {model, human}: null or
    // {sop_instance_uid, creator, algorithm_type, synthetic (human: planted in a phantom), fault (why it cannot be laid
    // on the stack, else null), tumour_slices, largest_slice, voxels}}.
    // `stack` names these images in this order: who asks for more of them gives it, and is not answered of others.
    // Of the series that the result was made of, whoever chose it, else of the one that triage would take. Throws
    // Error(NotFound), Error(Conflict) when no series can be shown.
    Json::Value Describe(const std::string& studyId) const;

    // Slices first .. first + count - 1, clipped to the stack: int16, little endian, row by row. The real-world value
    // is voxel_scale * number + voxel_offset (VoxelScale.h). At most 64 MiB. Throws Error(BadInput) when that is
    // exceeded, or a slice cannot be decoded; Error(Conflict) when `stack`, unless empty, is another one by now.
    std::string ReadVoxels(const std::string& studyId, std::size_t first, std::size_t count,
                           const std::string& stack = "") const;

    // One record for each slice with tumour: its number (uint32, little endian), then its voxels at one bit each, row
    // by row, lowest bit first. Throws Error(NotFound) when there is no such mask, Error(Conflict) as ReadVoxels().
    std::string ReadMask(const std::string& studyId, Drawer drawer, const std::string& stack = "") const;

  private:
    // The series that is shown; kept for the next request, unless an exception passes.
    template <typename Use>
    auto WithSeries(const Archive::StudySnapshot& study, const Use& use) const;

    // `computed`: the series that the result was made of; the study may not hold it any more, or there is none.
    Pipeline::SeriesReading ReadSeries(const Archive::StudySnapshot& study, const std::string& computed) const;

    Json::Value Describe(const Archive::StudySnapshot& study, const Pipeline::SeriesReading& reading) const;
    std::string ReadVoxels(const Pipeline::SeriesReading& reading, std::size_t first, std::size_t count) const;
    std::string ReadMask(const Archive::StudySnapshot& study, const Volume::SourceSeries& series, Drawer drawer) const;
    std::optional<Masks::SegmentationFile> FindMask(const Archive::StudySnapshot& study,
                                                    const Volume::SourceSeries& series, Drawer drawer) const;
    Json::Value DescribeMask(const Archive::StudySnapshot& study, const Volume::SourceSeries& series,
                             Drawer drawer) const;

    Archive::IArchive& archive_;
    const Pipeline::StudyTriage& triage_;
    WorkState::WorkStore& store_;
    Masks::MaskStore masks_;
    Volume::FrameDecoder decoder_;
    mutable ReadingCache cache_;
  };
}
