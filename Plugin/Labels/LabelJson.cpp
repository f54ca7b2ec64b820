// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/LabelJson.h"

#include "Plugin/Support/NullableJson.h"
#include "Plugin/Support/TimeText.h"

namespace H3K27M::Labels
{
  Json::Value ToJson(const WorkState::StudyLabel& label)
  {
    Json::Value json;
    json["genotype"] = label.genotype;
    json["assay"] = label.assay;
    json["gene"] = Support::OrNull(label.gene);
    json["site"] = label.site;
    json["pre_operative"] = label.preOperative;
    json["split"] = label.split;
    json["reason"] = Support::OrNull(label.reason);
    json["annotator"] = label.annotator;
    json["reviser"] = Support::OrNull(label.reviser);
    json["source"] = label.source;
    json["synthetic"] = label.synthetic;
    json["recorded"] = Support::ToRfc3339(label.recordedAt);
    json["study"] = label.studyId;
    json["study_instance_uid"] = label.studyInstanceUid;
    json["stored"]["series"] = label.seriesId;
    json["stored"]["instance"] = label.instanceId;
    json["stored"]["sop_instance_uid"] = label.sopInstanceUid;
    json["research_use_only"] = true;
    return json;
  }
}
