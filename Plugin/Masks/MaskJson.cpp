// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/MaskJson.h"

#include "Plugin/Masks/HumanMask.h"
#include "Plugin/Support/NullableJson.h"

#include <algorithm>

namespace H3K27M::Masks
{
  namespace
  {
    Json::Value FindSource(const StoredMask& mask, const Archive::StudySnapshot& study)
    {
      const std::string uid = mask.GetSourceUid();

      for (const Archive::SeriesSnapshot& series : study.series)
      {
        if (series.seriesInstanceUid == uid)
        {
          return series.id;
        }
      }

      return {};
    }

    std::size_t CountVoxels(const SegmentationFile& file, std::size_t frame)
    {
      const std::vector<std::uint8_t> values = file.ReadFrame(frame);
      return static_cast<std::size_t>(std::count(values.begin(), values.end(), std::uint8_t{1}));
    }

    Json::Value DescribeFrame(const SegmentationFrame& frame, std::size_t voxels)
    {
      Json::Value json;
      json["sop_instance_uid"] = frame.sources.empty() ? Json::Value() : Json::Value(frame.sources[0].sopInstanceUid);
      json["frame"] =
        frame.sources.empty() || frame.sources[0].frame == 0 ? Json::Value() : Json::Value(frame.sources[0].frame);
      json["voxels"] = static_cast<Json::UInt64>(voxels);
      return json;
    }
  }

  Json::Value Describe(const StoredMask& mask, const Archive::StudySnapshot& study)
  {
    const SegmentationFile& file = mask.file;
    Json::Value json;
    json["study"] = study.id;
    json["series"] = FindSource(mask, study);
    json["series_instance_uid"] = Support::OrNull(mask.GetSourceUid());
    json["segmentation"] = mask.instanceId;
    json["segmentation_instance_uid"] = file.sopInstanceUid;
    json["segmentation_series"] = mask.seriesId;
    json["segmentation_series_instance_uid"] = file.seriesInstanceUid;
    json["algorithm_type"] =
      file.segments.empty() ? Json::Value() : Support::OrNull(file.segments.front().algorithmType);
    json["algorithm_name"] =
      file.segments.empty() ? Json::Value() : Support::OrNull(file.segments.front().algorithmName);
    json["creator"] = Support::OrNull(file.creator);
    json["made"] = Support::OrNull(file.contentDate + file.contentTime);
    json["synthetic"] = IsPlanted(file);

    std::uint64_t voxels = 0;
    double volumeMm3 = 0;
    json["slices"] = Json::arrayValue;

    for (std::size_t i = 0; i < file.frames.size(); i++)
    {
      const std::size_t marked = CountVoxels(file, i);
      const SegmentationFrame& frame = file.frames[i];
      voxels += marked;
      volumeMm3 +=
        static_cast<double>(marked) * frame.pixelSpacingMm[0] * frame.pixelSpacingMm[1] * file.spacingBetweenSlicesMm;
      json["slices"].append(DescribeFrame(frame, marked));
    }

    json["voxels"] = static_cast<Json::UInt64>(voxels);
    json["volume_mm3"] = volumeMm3;
    json["research_use_only"] = true;
    return json;
  }
}
