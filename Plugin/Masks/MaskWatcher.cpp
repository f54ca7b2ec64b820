// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/MaskWatcher.h"

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Masks/HumanMask.h"
#include "Plugin/Support/NullableJson.h"

#include <algorithm>
#include <chrono>

namespace H3K27M::Masks
{
  namespace
  {
    Support::UnixMs FindStoredTime(const Archive::StudySnapshot& study, const std::string& seriesId)
    {
      const Archive::SeriesSnapshot* const series = study.FindSeries(seriesId);
      return series == nullptr
               ? 0
               : std::chrono::duration_cast<std::chrono::milliseconds>(series->lastUpdate.time_since_epoch()).count();
    }

    WorkState::StudyMask MakeRow(const Archive::StudySnapshot& study, const StoredMask& mask)
    {
      WorkState::StudyMask row;
      row.studyId = study.id;
      row.studyInstanceUid = study.studyInstanceUid;
      row.seriesId = mask.seriesId;
      row.instanceId = mask.instanceId;
      row.sopInstanceUid = mask.file.sopInstanceUid;
      row.recordedAt = FindStoredTime(study, mask.seriesId);
      row.algorithmType = mask.file.segments.empty() ? std::string() : mask.file.segments.front().algorithmType;
      row.creator = mask.file.creator;
      row.synthetic = IsPlanted(mask.file);
      return row;
    }
  }

  void MaskWatcher::OnStudy(const Archive::StudySnapshot& seen)
  {
    const std::optional<WorkState::StudyMask> before = table_.Find(seen.id);
    const std::vector<std::string> instances = MaskStore::ListInstances(seen);

    // An object never changes: where it alone is there the copy is right, and no file is read for it.
    if (before ? instances == std::vector<std::string>{before->instanceId} : instances.empty())
    {
      return;
    }

    // What was seen may be of a while ago, and another Orthanc may know better by now.
    if (const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(seen.id))
    {
      Settle(*study, before);
    }
  }

  void MaskWatcher::Audit(const std::string& what, const WorkState::StudyMask& mask)
  {
    Json::Value json;
    json["sop_instance_uid"] = mask.sopInstanceUid;
    json["algorithm_type"] = Support::OrNull(mask.algorithmType);
    json["creator"] = Support::OrNull(mask.creator);
    json["synthetic"] = mask.synthetic;
    store_.AppendAudit({0, 0, "archive", what, mask.studyId, Protocol::WriteCompactJson(json)});
  }

  void MaskWatcher::Settle(const Archive::StudySnapshot& study, const std::optional<WorkState::StudyMask>& before)
  {
    const std::vector<std::string> instances = MaskStore::ListInstances(study);
    const bool isGone = before && std::count(instances.begin(), instances.end(), before->instanceId) == 0;

    // First, and whatever cannot be read below: it is gone, and the row of one that was stored later would stay.
    if (isGone)
    {
      table_.Remove(study.id, before->instanceId);
    }

    const std::vector<StoredMask> masks = masks_.ListReadable(study);

    if (masks.empty())
    {
      if (isGone)
      {
        Audit("mask-removed", *before);
      }

      return;
    }

    const WorkState::StudyMask now = MakeRow(study, masks.front());

    if (before && before->instanceId != now.instanceId)
    {
      table_.Remove(study.id, before->instanceId);
    }

    table_.Put(now);

    // One that was there before is in force again: nothing came.
    if (isGone && now.recordedAt < before->recordedAt)
    {
      Audit("mask-removed", *before);
    }
    else if (!before || before->instanceId != now.instanceId)
    {
      Audit("mask-received", now);
    }
  }
}
