// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"

#include <optional>

namespace H3K27M::Rest
{
  // Cross-site request forgery: a page of another site can make a browser POST text/plain with the user's credentials,
  // and Orthanc itself takes it (seen on 1.10.1). So whatever changes something must come as `contentType`
  // (application/json, text/csv), which a foreign page cannot send without a pre-flight request that Orthanc never
  // answers, and without a foreign Origin. DELETE needs a pre-flight request whatever it is sent as, and has no body.
  // Returns the refusal, or nothing when the request may pass.
  std::optional<Answer> RefuseForeignOrigin(const Request& request, const std::string& contentType);
}
