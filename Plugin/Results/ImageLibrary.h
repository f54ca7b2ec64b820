// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ContentItem.h"

namespace H3K27M::Volume
{
  struct SourceSeries;
}

namespace H3K27M::Results
{
  class SourceAttributes;

  // The images that a report was made from (TID 1600): one group, since all are of one series; what they have in common
  // stands once (TID 1602).
  ContentItem MakeImageLibrary(const Volume::SourceSeries& series, const SourceAttributes& source);
}
