// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Delivery/WebhookMessage.h"

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Support/KeyedHash.h"
#include "Plugin/Support/TimeText.h"

namespace H3K27M::Delivery
{
  WebhookMessage WebhookMessage::Make(const WorkState::Delivery& delivery, const std::string& secret,
                                      Support::UnixMs now)
  {
    Json::Value json;
    json["event"] = "result";
    json["delivery"] = static_cast<Json::Int64>(delivery.id);
    json["rule"] = delivery.rule;
    json["study"] = delivery.studyId;
    json["study_instance_uid"] = delivery.studyInstanceUid;
    json["results"] = Protocol::ParseJson(delivery.resultJson);
    json["created"] = Support::ToRfc3339(delivery.createdAt);
    json["sent"] = Support::ToRfc3339(now);  // signed too: a receiver can turn away what was recorded long ago
    json["research_use_only"] = true;

    WebhookMessage message;
    message.body = Protocol::WriteCompactJson(json);
    message.headers["Content-Type"] = "application/json";
    message.headers["H3K27M-Signature"] = "sha256=" + Support::ComputeKeyedHash(secret, message.body);
    return message;
  }
}
