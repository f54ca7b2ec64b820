// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/Figure.h"

#include <filesystem>
#include <string>

namespace H3K27M::Reports
{
  // Loss curves, one for each unit that a run's events.jsonl tells of; `field` is total or reconstruction. Up to seven
  // have a name and a colour each; of more, as of an ablation, the folds of a model share them. The steps of stages
  // follow each other; what a run repeats after it was resumed, or begun anew, stands once.
  Figure MakeLossFigure(const std::string& name, const std::string& title, const std::filesystem::path& events,
                        const std::string& field);
}
