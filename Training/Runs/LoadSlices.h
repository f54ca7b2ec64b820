// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/SliceDataset.h"
#include "Training/Runs/ModelTraining.h"

namespace H3K27M::Runs
{
  // All cases of `source`, preprocessed as the configuration says; {event: "data", done, of} now and then, from any of
  // the threads, one at a time.
  Data::SliceDataset LoadSlices(const Data::ICaseSource& source, const RunConfig& config, unsigned int threads,
                                const EventSink& onEvent);

  // Data::CheckCases() of the same, with the same events: what LoadSlices() would refuse, without keeping a slice.
  void CheckSlices(const Data::ICaseSource& source, const RunConfig& config, unsigned int threads,
                   const EventSink& onEvent);
}
