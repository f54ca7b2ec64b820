// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Commands
{
  // `h3k27m phantom`: writes a folder of synthetic volumes, masks and labels (Inference/Phantom/PhantomDataset.h).
  // Returns the exit code; throws Error for what main() reports.
  int RunPhantom(const std::vector<std::string>& arguments);
}
