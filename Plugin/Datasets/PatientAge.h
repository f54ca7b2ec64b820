// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <optional>
#include <string>

namespace H3K27M::Datasets
{
  // What a study says of its patient's age, as DICOM writes it; empty: not said.
  struct AgeAttributes
  {
    std::string patientAge;        // AS
    std::string patientBirthDate;  // DA
    std::string studyDate;         // DA
  };

  // Years: PatientAge, and where that is absent or unreadable the completed years from birth to study, for infants the
  // completed months. Nothing where a date is absent, shortened or none of the calendar, or the patient would be older
  // than anybody or not born yet.
  std::optional<double> FindAgeYears(const AgeAttributes& attributes);
}
