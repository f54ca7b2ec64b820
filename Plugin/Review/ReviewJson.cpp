// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/ReviewJson.h"

#include "Plugin/Support/NullableJson.h"
#include "Plugin/Support/TimeText.h"

namespace H3K27M::Review
{
  Json::Value ToJson(const WorkState::StudyReview& review)
  {
    Json::Value json;
    json["decision"] = review.decision;
    json["status"] = Support::OrNull(review.status);
    json["reason"] = Support::OrNull(review.reason);
    json["reviewer"] = review.reviewer;
    json["organisation"] = review.organisation;
    json["reviewed"] = Support::ToRfc3339(review.recordedAt);
    json["of"] = Support::OrNull(review.reportUid);
    json["synthetic"] = review.synthetic;
    json["study"] = review.studyId;
    json["study_instance_uid"] = review.studyInstanceUid;
    json["series"] = review.seriesId;
    json["instance"] = review.instanceId;
    json["sop_instance_uid"] = review.sopInstanceUid;
    json["research_use_only"] = true;
    return json;
  }
}
