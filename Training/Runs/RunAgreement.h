// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/TensorMap.h"
#include "Training/Ranks/RankGroup.h"
#include "Training/Trainers/Checkpoint.h"

#include <filesystem>
#include <optional>
#include <string>

namespace H3K27M::Runs
{
  // What the processes of one training agree on: that it is the same run, where it begins, and that it is done. Only
  // the first process reads and writes the run's folder. With one process all is as that one has it.
  class RunAgreement
  {
  public:
    // `ranks` must outlive this object; null: one process. `identity`: RunFolder's. Throws Error(Conflict) when a
    // process has another one.
    RunAgreement(const Ranks::RankGroup* ranks, std::string identity);

    // The one in `file`, which the first process reads and hands to the others; none when it is not there. Throws what
    // Checkpoint::Load throws.
    std::optional<Trainers::Checkpoint> ShareCheckpoint(const std::filesystem::path& file) const;

    // Those of the first process: processors of other kinds may have drawn others.
    Weights::TensorMap ShareWeights(const Weights::TensorMap& own) const;

    // For the first process once the model is written, and for the others to wait for that. A process whose first one
    // fails there throws.
    void Finish() const;

  private:
    const Ranks::RankGroup* ranks_;
    std::string identity_;
  };
}
