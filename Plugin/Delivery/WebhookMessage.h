// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/Delivery.h"

#include <map>
#include <string>

namespace H3K27M::Delivery
{
  // What a webhook is told of a result: schema `WebhookMessage` in Resources/openapi.json. UIDs and figures, no name or
  // identifier of a patient.
  struct WebhookMessage
  {
    std::string body;
    std::map<std::string, std::string> headers;

    // Header "H3K27M-Signature" is "sha256=" and the HMAC-SHA256 of the body, hexadecimal, under `secret`.
    static WebhookMessage Make(const WorkState::Delivery& delivery, const std::string& secret, Support::UnixMs now);
  };
}
