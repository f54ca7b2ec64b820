// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/RunAgreement.h"

#include "Inference/Protocol/Error.h"

#include <fstream>
#include <utility>
#include <vector>

namespace H3K27M::Runs
{
  namespace
  {
    // Empty when there is no such file.
    std::vector<std::byte> ReadBytes(const std::filesystem::path& path)
    {
      if (!std::filesystem::exists(path))
      {
        return {};
      }
      std::vector<std::byte> bytes(std::filesystem::file_size(path));
      std::ifstream stream(path, std::ios::binary);
      stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
      if (!stream)
      {
        throw Error(ErrorCode::Unavailable, "Cannot read " + path.string());
      }
      return bytes;
    }
  }

  RunAgreement::RunAgreement(const Ranks::RankGroup* ranks, std::string identity) :
    ranks_(ranks),
    identity_(std::move(identity))
  {
    if (ranks_ != nullptr)
    {
      ranks_->RequireSame(identity_, "configuration or other data");
    }
  }

  std::optional<Trainers::Checkpoint> RunAgreement::ShareCheckpoint(const std::filesystem::path& file) const
  {
    if (ranks_ == nullptr)
    {
      return std::filesystem::exists(file) ? std::optional(Trainers::Checkpoint::Load(file, identity_)) : std::nullopt;
    }
    std::vector<std::byte> bytes = ranks_->Spread(ranks_->GetRank() == 0 ? ReadBytes(file) : std::vector<std::byte>());
    return bytes.empty() ? std::nullopt : std::optional(Trainers::Checkpoint::Parse(std::move(bytes), identity_));
  }

  Weights::TensorMap RunAgreement::ShareWeights(const Weights::TensorMap& own) const
  {
    if (ranks_ == nullptr)
    {
      return own;
    }
    Weights::TensorMap shared;
    for (const auto& [name, tensor] : own.GetAll())
    {
      const torch::Tensor copy = tensor.clone();
      ranks_->Spread({copy});
      shared.Set(name, copy);
    }
    return shared;
  }

  void RunAgreement::Finish() const
  {
    if (ranks_ != nullptr)
    {
      ranks_->Spread(std::vector<std::byte>(1));
    }
  }
}
