// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/ReviewableResult.h"

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Masks/HumanMask.h"
#include "Plugin/Pipeline/ResultJson.h"

#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <set>

namespace H3K27M::Review
{
  namespace
  {
    // The task's result as JSON; null when there is none, or it does not stand in the study.
    Json::Value FindStoredResult(const Archive::StudySnapshot& study, WorkState::WorkStore& store)
    {
      const std::optional<WorkState::Task> task = store.FindByStudy(study.id);
      const bool hasJson = task && !task->resultJson.empty();
      const Json::Value result = hasJson ? Protocol::ParseJson(task->resultJson) : Json::Value();
      return result.isObject() && Pipeline::IsStored(result, study) ? result : Json::Value();
    }

    // `instanceId` is Orthanc's.
    std::optional<Results::ReviewedObject> FindObject(const Archive::StudySnapshot& study, const char* sopClassUid,
                                                      const std::string& instanceId, const std::string& sopInstanceUid)
    {
      for (const Archive::SeriesSnapshot& series : study.series)
      {
        if (std::count(series.instances.begin(), series.instances.end(), instanceId) > 0)
        {
          return Results::ReviewedObject{sopClassUid, series.seriesInstanceUid, sopInstanceUid};
        }
      }

      return std::nullopt;
    }

    // Where the model made no result any series may be meant: the mask that the reader saw stands in its place, if it
    // is the newest of its series, and none where none was seen; who does not say gets the newest of all. A phantom's
    // planted one is nobody's outline.
    std::optional<Results::ReviewedObject> FindHumanMask(const Archive::StudySnapshot& study,
                                                         const Masks::MaskStore& masks, const std::string& sourceUid,
                                                         const std::optional<std::string>& seenMask)
    {
      std::optional<Results::ReviewedObject> found;
      std::set<std::string> sources;  // of the masks that are newer

      if (sourceUid.empty() && seenMask && seenMask->empty())
      {
        return found;
      }

      for (const Masks::StoredMask& mask : masks.ListReadable(study))
      {
        if (Masks::IsPlanted(mask.file) || (!sourceUid.empty() && mask.GetSourceUid() != sourceUid))
        {
          continue;
        }

        const bool isNewest = sources.insert(mask.GetSourceUid()).second;

        if (!found || (isNewest && seenMask == mask.file.sopInstanceUid))
        {
          found =
            Results::ReviewedObject{UID_SegmentationStorage, mask.file.seriesInstanceUid, mask.file.sopInstanceUid};
        }
      }

      return found;
    }
  }

  ReviewableResult FindReviewableResult(const Archive::StudySnapshot& study, WorkState::WorkStore& store,
                                        const Masks::MaskStore& masks, const std::optional<std::string>& seenMask)
  {
    const Json::Value result = FindStoredResult(study, store);
    ReviewableResult found;

    if (result.isObject())
    {
      found.report = FindObject(study, UID_Comprehensive3DSRStorage, result["report"].asString(),
                                result["report_instance_uid"].asString());
      found.modelMask = FindObject(study, UID_SegmentationStorage, result["segmentation"].asString(),
                                   result["segmentation_instance_uid"].asString());
    }

    found.humanMask = FindHumanMask(study, masks, result.get("series_instance_uid", "").asString(), seenMask);
    return found;
  }
}
