// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Clock.h"

#include <optional>
#include <string>

namespace H3K27M::WorkState
{
  // Two cards may share their weights, and an upload may bring other weights under a name that was used before.
  struct ShadowModel
  {
    std::string name;
    std::string hash;  // of its weights

    bool operator==(const ShadowModel&) const = default;
  };

  // What one model says about a study, in figures.
  struct ShadowAnswer
  {
    ShadowModel model;
    std::string status;  // "altered", "wild-type", "not determined"; empty: no answer
    std::optional<double> probabilityAltered;
    std::optional<double> volumeMm3;
  };

  // A candidate's answer beside the one of the model in force. Orthanc identifiers only, no names.
  struct ShadowResult
  {
    std::string studyId;
    std::string studyInstanceUid;
    ShadowAnswer candidate;
    ShadowAnswer current;
    std::string fault;                   // why the candidate has no answer; empty otherwise
    Support::UnixMs taskFinishedAt = 0;  // of the result that it is held against
    Support::UnixMs comparedAt = 0;      // set by the store
  };
}
