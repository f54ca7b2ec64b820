// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/FileLayout.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <memory>
#include <variant>

class DcmDataset;

namespace H3K27M::Volume
{
  // A DICOM file (PS3.10) with everything before its pixels parsed; the pixels are located, never copied.
  struct ParsedFile
  {
    FileLayout layout;
    std::shared_ptr<DcmDataset> dataset;  // shared, because headers keep it for the writers
  };

  using ParseOutcome = std::variant<ParsedFile, Refusal>;

  // Walks the structure first, so that every length and depth is known to be sane before DCMTK allocates or recurses.
  // Throws nothing on bad input (that is a Refusal).
  ParseOutcome ParseFile(std::string_view file, const VolumeLimits& limits);
}
