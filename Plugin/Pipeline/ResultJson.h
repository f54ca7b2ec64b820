// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Results/Prediction.h"
#include "Plugin/Routing/RoutingDecision.h"

#include <json/value.h>

namespace H3K27M::Pipeline
{
  struct SeriesReading;

  // How predictions and verdicts look in the work store and in REST answers (schemas in Resources/openapi.json).
  Json::Value ToJson(const Results::Prediction& prediction);

  // {series, series_instance_uid, accepted, choice, reasons, criteria: [{name, seen, wanted, passed, binding}]}
  Json::Value ToJson(const SeriesReading& reading);

  // Whether the SR of a result that the work store kept, and its SEG and saliency where it has them, are in this very
  // study. Another study may hold objects of the same UIDs: one examination under two PatientIDs.
  bool IsStored(const Json::Value& result, const Archive::StudySnapshot& study);
}
