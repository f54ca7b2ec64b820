// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Folds
{
  // A patient on both sides stops the run. `training`, `heldOut`: the patient's id of each case, repeated or not.
  // Throws Error(BadInput) that names the shared patients, the first ten of them, and how many there are.
  void RefuseSharedPatients(const std::vector<std::string>& training, const std::vector<std::string>& heldOut);
}
