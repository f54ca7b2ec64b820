// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/ReportFolder.h"
#include "Training/Reports/Table.h"

#include <filesystem>

// The sections that show slices, from what a run keeps of them; a section whose file it did not leave is left out.
// `fold`: folder of the first fold.
namespace H3K27M::Reports
{
  // The paper's figure 3, at its left. `encoder`: folder of a pre-trained encoder.
  void AddReconstructions(ReportFolder& report, const std::filesystem::path& encoder);

  // The paper's figure 4.
  void AddSaliency(ReportFolder& report, const std::filesystem::path& fold);

  // The paper's figure S2.
  void AddMasks(ReportFolder& report, const std::filesystem::path& fold);

  // Those of the cases of MakeErrorTable() of whom the fold keeps a slice, with both outlines (figure S5): of external
  // patients up to eight that its own network called wrongly, of others those that it shows as masks. Without a fold,
  // nothing.
  void AddErrorSlices(ReportFolder& report, const Table& errors, const std::filesystem::path& fold);
}
