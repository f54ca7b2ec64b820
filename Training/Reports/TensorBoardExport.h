// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <filesystem>

namespace H3K27M::Reports
{
  // Writes the step events of a run's events.jsonl as scalars for TensorBoard: OUTPUT/UNIT/events.out.tfevents.h3k27m,
  // one folder for each unit, `training` where the run has none. Losses, rate, norm of the gradient, seconds per step;
  // the steps of stages follow each other. Files that are there are replaced. Returns how many were written; throws
  // Error(NotFound) when the run has no such event, Error(Unavailable) when they cannot be written.
  std::size_t ExportTensorBoard(const std::filesystem::path& run, const std::filesystem::path& output);
}
