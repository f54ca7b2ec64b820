// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/StudyReview.h"

#include <json/value.h>

namespace H3K27M::Review
{
  // Schema `Review` of openapi.json: decision, reason and status, who and when, of which report, and where the review
  // is stored. No patient's name.
  Json::Value ToJson(const WorkState::StudyReview& review);
}
