// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/DicomHeader.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <string_view>
#include <variant>

namespace H3K27M::Volume
{
  using ReadOutcome = std::variant<DicomHeader, Refusal>;

  // Reads the header of one DICOM file (PS3.10) that lies in memory. The file's structure is walked first, so that
  // every length is checked against what is there before DCMTK allocates; pixels are located, never copied. Stateless:
  // any number of threads may share one. Throws nothing on bad input (that is a Refusal).
  class DicomReader
  {
  public:
    explicit DicomReader(const VolumeLimits& limits);

    ReadOutcome Read(std::string_view file) const;

  private:
    VolumeLimits limits_;
  };
}
