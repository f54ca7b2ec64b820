// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/StudyEnqueuer.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Archive/RequireStudy.h"
#include "Plugin/Pipeline/ResultJson.h"
#include "Plugin/Pipeline/StudyContent.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace H3K27M::Pipeline
{
  namespace
  {
    // Not before the study is stable by its last change: IsStable is true for everything after a restart, and our own
    // StableAgeSeconds may be longer than the archive's.
    WorkState::EnqueueRequest MakeRequest(const Archive::StudySnapshot& study, WorkState::Priority priority,
                                          std::chrono::seconds stableAge)
    {
      WorkState::EnqueueRequest request;
      request.studyId = study.id;
      request.studyInstanceUid = study.studyInstanceUid;
      request.fingerprint = ComputeFingerprint(study);
      request.priority = priority;
      request.notBefore = GetStableTime(study, stableAge);
      return request;
    }
  }

  StudyEnqueuer::StudyEnqueuer(Archive::IArchive& archive, WorkState::WorkStore& store, std::chrono::seconds stableAge,
                               std::function<void()> onQueued) :
    archive_(archive),
    store_(store),
    stableAge_(stableAge),
    onQueued_(std::move(onQueued))
  {
  }

  WorkState::EnqueueOutcome StudyEnqueuer::EnqueueNow(const std::string& studyId, WorkState::Priority priority,
                                                      bool force)
  {
    WorkState::EnqueueRequest request = MakeRequest(Archive::RequireStudy(archive_, studyId), priority, stableAge_);
    request.notBefore = 0;
    request.force = force;

    if (request.fingerprint.empty())
    {
      throw Error(ErrorCode::BadInput, "Study " + studyId + " holds nothing but results");
    }

    const WorkState::EnqueueOutcome outcome = store_.Enqueue(request);
    onQueued_();
    return outcome;
  }

  void StudyEnqueuer::EnqueuePast(const std::string& studyId)
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);

    if (!study)
    {
      return;
    }

    const WorkState::EnqueueRequest request = MakeRequest(*study, WorkState::Priority::Backfill, stableAge_);

    if (!request.fingerprint.empty())
    {
      store_.Enqueue(request);
      onQueued_();
    }
  }

  bool StudyEnqueuer::HasTask(const std::string& studyId)
  {
    return store_.FindByStudy(studyId).has_value();
  }

  bool StudyEnqueuer::IsResultMissing(const Archive::StudySnapshot& study)
  {
    const std::optional<WorkState::Task> task = store_.FindByStudy(study.id);

    if (!task || task->state != WorkState::TaskState::Done || task->resultJson.empty())
    {
      return false;
    }

    const Json::Value result = Protocol::ParseJson(task->resultJson);
    const Json::Value& further = result["further_results"];
    return !result["shadow"].asBool() &&
           (!IsStored(result, study) || std::any_of(further.begin(), further.end(), [&study](const Json::Value& one)
    { return !IsStored(one, study); }));
  }

  bool StudyEnqueuer::IsResultMissingNow(const std::string& studyId)
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);
    return study && IsResultMissing(*study);
  }

  void StudyEnqueuer::EnqueueIfNew(const Archive::StudySnapshot& study)
  {
    WorkState::EnqueueRequest request = MakeRequest(study, WorkState::Priority::Routine, stableAge_);

    if (request.fingerprint.empty() && !HasTask(study.id))
    {
      return;
    }

    WorkState::EnqueueOutcome outcome = store_.Enqueue(request);

    // Looked at twice: results may have come between the snapshot and the end of the task.
    if (outcome == WorkState::EnqueueOutcome::Unchanged && IsResultMissing(study) && IsResultMissingNow(study.id))
    {
      // The study was deleted and sent again, or somebody removed our results.
      request.force = true;
      outcome = store_.Enqueue(request);
    }

    if (outcome != WorkState::EnqueueOutcome::Unchanged)
    {
      onQueued_();
    }
  }
}
