// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"
#include "Plugin/Rest/Services.h"

namespace H3K27M::Rest
{
  // GET cases/not-looked-at: studies of the archive that have no task, from before the first start or with triage off,
  // with what people said of them. A part of the archive is gone through at a time; the answer says where to go on.
  // Throws Error(BadInput) naming the parameter.
  Answer ListNotLookedAt(const Services& services, const Request& request);
}
