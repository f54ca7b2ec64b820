// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/SeriesReader.h"
#include "Plugin/Pipeline/StudyTriage.h"

#include <string>
#include <vector>

namespace H3K27M::Pipeline
{
  // The verdicts on the image series of a study; with `wanted` (Orthanc's identifier or SeriesInstanceUID) on that one.
  std::vector<SeriesReading> ReadSourceSeries(const StudyTriage& triage, const Archive::StudySnapshot& study,
                                              Routing::Contrast contrast, const std::string& wanted = {});

  // The series of a study that people work on: the one that is named (Orthanc's identifier or SeriesInstanceUID), else
  // the best of this contrast, which for T2w is what triage would take, a person's choice included. Throws
  // Error(NotFound) when the study has no such series, Error(Conflict) with the reasons when none can be taken.
  SeriesReading ChooseSeries(const StudyTriage& triage, const Archive::StudySnapshot& study, const std::string& wanted,
                             Routing::Contrast contrast = Routing::Contrast::T2w);

  // Whether a person may choose that series for triage. Throws Error(NotFound) when the study has no such image series,
  // Error(Conflict) with the reasons when it cannot be read, whoever chooses it.
  void RequireReadable(const StudyTriage& triage, const Archive::StudySnapshot& study, const HandChoice& choice);
}
