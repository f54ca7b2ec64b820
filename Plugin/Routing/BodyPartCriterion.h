// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Routing/RoutingDecision.h"
#include "Plugin/Routing/RoutingRules.h"
#include "Plugin/Routing/SeriesDescriptor.h"

namespace H3K27M::Routing
{
  // The criterion `body_part`. The most specific text that names a part of the body decides: SeriesDescription, then
  // BodyPartExamined and the anatomic region, then the protocol of the series, then the texts of the examination. The
  // head beside another part passes where both stand in the same text, and the neck in an examination of head and neck.
  // A BodyPartExamined or anatomic region that is filled in and names no head is another part, known here or not.
  RoutingCriterion JudgeBodyPart(const SeriesDescriptor& series, const RoutingWords& words);
}
