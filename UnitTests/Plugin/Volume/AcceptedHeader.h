// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/DicomReader.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace H3K27M::Volume::Tests
{
  // The header of a file that must be read. Throws std::runtime_error with the reason when it is refused.
  inline DicomHeader ReadHeader(const std::string& file, const VolumeLimits& limits = {})
  {
    ReadOutcome outcome = DicomReader(limits).Read(file);
    if (const auto* refusal = std::get_if<Refusal>(&outcome))
    {
      throw std::runtime_error("refused: " + refusal->text);
    }
    return std::get<DicomHeader>(std::move(outcome));
  }
}
