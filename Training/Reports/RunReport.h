// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <filesystem>

namespace H3K27M::Reports
{
  // Makes RUN/report/ of a finished cross-validation, ablation or evaluation from its folder alone: index.html (one
  // page, no script), figures/NAME.svg and .gp, tables/NAME.csv, metrics.json, metrics.csv (every figure with its
  // interval). Returns the page's path. Throws Error(BadInput) when the folder holds no such run, Error(Conflict) when
  // it is not finished, Error(Unavailable) when gnuplot is missing or the disk is full.
  std::filesystem::path WriteRunReport(const std::filesystem::path& run);
}
