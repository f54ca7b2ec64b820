// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/StudyReport.h"

#include <string>

namespace H3K27M::WorkState
{
  // The newest mask of one study that the model did not draw, as the store keeps it. An empty text is a field that is
  // absent.
  struct StudyMask : StudyReport
  {
    std::string algorithmType;  // (0062,0008): MANUAL | SEMIAUTOMATIC
    std::string creator;        // (0070,0084)
    bool synthetic = false;     // planted in a phantom

    bool operator==(const StudyMask&) const = default;
  };
}
