// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/StudyLabel.h"

#include <json/value.h>

namespace H3K27M::Labels
{
  // Schema `Label` of openapi.json: the fields, where the label comes from, and where it is stored. No patient's name.
  Json::Value ToJson(const WorkState::StudyLabel& label);
}
