// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ResultContext.h"

#include <json/value.h>

#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Pipeline
{
  // What one series came to: computed, and then stored or not.
  struct SeriesResult
  {
    Json::Value json;                     // the case's fields, schema `Result` in Resources/openapi.json
    std::string sourceSeriesId;           // Orthanc identifier of the series that it was made from
    std::vector<std::string> seriesUids;  // SeriesInstanceUIDs of SEG (where there is tumour), saliency and SR

    // What is still to be stored; nothing when it stands in the archive already.
    std::optional<Results::DicomInstance> segmentation;
    std::optional<Results::DicomInstance> saliency;
    std::optional<Results::DicomInstance> report;

    bool replacesStored = false;  // under the same UIDs, with what was corrected in patient or study
  };
}
