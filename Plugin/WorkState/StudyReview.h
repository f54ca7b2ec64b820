// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/StudyReport.h"

#include <string>

namespace H3K27M::WorkState
{
  // The last review of one study, as the store keeps it. Coded fields hold their names in REST; an empty text is a
  // field that is absent.
  struct StudyReview : StudyReport
  {
    std::string decision;
    std::string status;  // that the reader puts in place
    std::string reason;
    std::string reviewer;
    std::string organisation;
    std::string reportUid;  // SOPInstanceUID of the model's report that was looked at
    bool synthetic = false;

    bool operator==(const StudyReview&) const = default;
  };
}
