// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m export-tensorboard`: a run's curves as files of TensorBoard. Returns an ExitCode; throws Error for what
  // main() reports.
  int RunExportTensorBoard(const std::vector<std::string>& arguments);
}
