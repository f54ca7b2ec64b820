// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Safetensors.h"
#include "Inference/Weights/TensorMap.h"

#include <torch/torch.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Trainers
{
  // Where a run stands.
  struct CheckpointPosition
  {
    std::size_t stage = 0;  // index; 0 for a run without stages
    std::size_t step = 0;   // steps done in that stage
  };

  // All that a run needs to go on as if it had never stopped: weights, buffers, the optimizer's moments, LibTorch's
  // generator of random numbers, and the position. A batch depends on seed and step alone, so the data need no state.
  // On disk: one safetensors file (fp32), replaced by rename, so that the last one is always whole.
  class Checkpoint
  {
  public:
    // A copy of network and optimizer as they are. `identity` says which run this is of: the hash of its configuration
    // and of its data.
    Checkpoint(const torch::nn::Module& network, torch::optim::Optimizer& optimizer, const CheckpointPosition& position,
               const std::string& identity);

    // Throws Error(NotFound or Corrupt), and Error(BadInput) when the checkpoint is of another run than `identity` or
    // of a newer version of this program.
    static Checkpoint Load(const std::filesystem::path& path, const std::string& identity);

    // The same of a file's bytes, for a process that another one hands them to.
    static Checkpoint Parse(std::vector<std::byte> bytes, const std::string& identity);

    // `seconds`: what the run has taken until now. Throws Error(Unavailable) when the disk is full; the checkpoint
    // before then stays.
    void Save(const std::filesystem::path& path, double seconds = 0) const;

    // Puts everything back and returns how many of the stage's `steps` are done. Throws Error(BadInput) naming what
    // does not fit, or when it was made after more steps than that.
    std::size_t Restore(torch::nn::Module& network, torch::optim::Optimizer& optimizer, std::size_t steps) const;

    const CheckpointPosition& GetPosition() const noexcept
    {
      return position_;
    }

    // As it was saved; 0 of one that was not read from a file, or that an earlier release wrote.
    double GetSeconds() const noexcept
    {
      return seconds_;
    }

  private:
    Checkpoint() = default;

    static Checkpoint Read(const Protocol::SafetensorsFile& file, const std::string& name, const std::string& identity);

    Weights::TensorMap tensors_;
    CheckpointPosition position_;
    std::string identity_;
    double seconds_ = 0;
  };
}
