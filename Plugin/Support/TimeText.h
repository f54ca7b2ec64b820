// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"

#include <string>

namespace H3K27M::Support
{
  // RFC 3339 in UTC with milliseconds: "2026-01-02T03:04:05.006Z". Times from 1970 on.
  std::string ToRfc3339(UnixMs ms);
}
