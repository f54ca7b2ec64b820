// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"

#include <json/value.h>

namespace H3K27M::Rest
{
  // The JSON object of a request; an empty body is an empty object. Throws Error(BadInput).
  Json::Value ParseBody(const Request& request);
}
