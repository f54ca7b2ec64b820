// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"

#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Rest
{
  // Cross-site request forgery: a page of another site can make a browser POST text/plain with the user's credentials,
  // and Orthanc itself takes it (seen on 1.10.1). So whatever changes something must come without a foreign Origin and
  // as one of `contentTypes`, which a foreign page cannot send without a pre-flight request that Orthanc never answers:
  // application/json, or any other but text/plain, multipart/form-data and application/x-www-form-urlencoded. None is
  // needed where the list is empty: only for methods that are pre-flighted anyway (DELETE). That holds for true methods
  // alone: Orthanc takes "GET ?_method=DELETE" for a DELETE, which is refused.
  // Returns the refusal, or nothing when the request may pass.
  std::optional<Answer> RefuseForeignOrigin(const Request& request, const std::vector<std::string>& contentTypes);
}
