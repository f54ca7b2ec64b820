// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Prediction.h"

#include <string>

namespace H3K27M::Results
{
  // What is known of a patient's H3 K27M status from outside the image: the ground truth of training and evaluation.
  struct GenotypeLabel
  {
    GenotypeStatus status = GenotypeStatus::NotDetermined;  // Altered or WildType; NotDetermined is refused
    std::string assay;       // "pyrosequencing", "immunohistochemistry", "planted in a synthetic phantom", ...; UTF-8
    std::string source;      // report number, file or system that it comes from; UTF-8
    std::string recordedBy;  // who entered it; UTF-8
    std::string recordedAt;  // when: DICOM DT, YYYYMMDDHHMMSS
    bool synthetic = false;  // planted, never measured

    bool operator==(const GenotypeLabel&) const = default;
  };
}
