// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

namespace H3K27M::Reports
{
  // The keys in which the configurations of two runs differ: [{key: "training.steps", a, b}, ...], ascending; a key
  // that one does not have is null there. The kind of run is no difference.
  Json::Value ListConfigDifferences(const Json::Value& a, const Json::Value& b);
}
