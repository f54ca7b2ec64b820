// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

namespace H3K27M::Labels::Columns
{
  // Columns of the CSV besides the fields of a label (LabelFields.h). The first two name the study.
  inline constexpr const char* STUDY = "study";  // Orthanc identifier
  inline constexpr const char* STUDY_INSTANCE_UID = "StudyInstanceUID";

  // For the reader of an export; an import does not look at them.
  inline constexpr const char* RECORDED = "recorded";
  inline constexpr const char* SYNTHETIC = "synthetic";
}
