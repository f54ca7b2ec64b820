// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/Checkpoint.h"

#include "Inference/Protocol/Error.h"
#include "Training/Trainers/OptimizerState.h"

#include <ATen/CPUGeneratorImpl.h>

#include <charconv>
#include <map>
#include <utility>

namespace H3K27M::Trainers
{
  namespace
  {
    constexpr std::string_view NETWORK = "network.";
    constexpr const char* GENERATOR = "generator";
    constexpr const char* MILLISECONDS = "milliseconds";  // that the run has taken
    constexpr double PER_SECOND = 1000;
    constexpr std::size_t FORMAT = 1;

    // Of the file's metadata. Throws Error(Corrupt).
    std::size_t ReadCount(const std::map<std::string, std::string>& metadata, const std::string& key)
    {
      const auto found = metadata.find(key);
      std::size_t value = 0;
      if (found != metadata.end())
      {
        const std::string& text = found->second;
        const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
        if (result.ec == std::errc() && result.ptr == text.data() + text.size())
        {
          return value;
        }
      }
      throw Error(ErrorCode::Corrupt, "The checkpoint does not say its " + key);
    }

    // Absent in the files of earlier releases. Throws Error(Corrupt).
    double ReadSeconds(const std::map<std::string, std::string>& metadata)
    {
      return metadata.contains(MILLISECONDS) ? static_cast<double>(ReadCount(metadata, MILLISECONDS)) / PER_SECOND : 0;
    }

    at::Generator GetGenerator()
    {
      return at::detail::getDefaultCPUGenerator();
    }
  }

  Checkpoint::Checkpoint(const torch::nn::Module& network, torch::optim::Optimizer& optimizer,
                         const CheckpointPosition& position, const std::string& identity) :
    position_(position),
    identity_(identity)
  {
    const Weights::TensorMap weights = Weights::TensorMap::FromModule(network);
    for (const auto& [name, tensor] : weights.GetAll())
    {
      tensors_.Set(std::string(NETWORK) + name, tensor);
    }
    AddOptimizerState(network, optimizer, tensors_);
    tensors_.Set(GENERATOR, GetGenerator().get_state());
  }

  Checkpoint Checkpoint::Load(const std::filesystem::path& path, const std::string& identity)
  {
    return Read(Protocol::SafetensorsFile::Open(path), path.string(), identity);
  }

  Checkpoint Checkpoint::Parse(std::vector<std::byte> bytes, const std::string& identity)
  {
    return Read(Protocol::SafetensorsFile::Parse(std::move(bytes)), "The checkpoint that was handed over", identity);
  }

  Checkpoint Checkpoint::Read(const Protocol::SafetensorsFile& file, const std::string& name,
                              const std::string& identity)
  {
    const std::map<std::string, std::string>& metadata = file.GetMetadata();
    if (ReadCount(metadata, "format") > FORMAT)
    {
      throw Error(ErrorCode::BadInput, name + " was written by a newer version of this program");
    }
    const auto found = metadata.find("identity");
    if (found == metadata.end() || found->second != identity)
    {
      throw Error(ErrorCode::BadInput, name + " is of another configuration or of other data");
    }
    Checkpoint checkpoint;
    checkpoint.tensors_ = Weights::TensorMap::FromFile(file);
    checkpoint.position_ = {ReadCount(metadata, "stage"), ReadCount(metadata, "step")};
    checkpoint.identity_ = identity;
    checkpoint.seconds_ = ReadSeconds(metadata);
    return checkpoint;
  }

  void Checkpoint::Save(const std::filesystem::path& path, double seconds) const
  {
    tensors_.Save(path, Weights::StoredPrecision::F32,
                  {{"format", std::to_string(FORMAT)},
                   {"stage", std::to_string(position_.stage)},
                   {"step", std::to_string(position_.step)},
                   {"identity", identity_},
                   {MILLISECONDS, std::to_string(static_cast<std::size_t>(seconds * PER_SECOND))}});
  }

  std::size_t Checkpoint::Restore(torch::nn::Module& network, torch::optim::Optimizer& optimizer,
                                  std::size_t steps) const
  {
    if (position_.step > steps)
    {
      throw Error(ErrorCode::BadInput, "The checkpoint was made after step " + std::to_string(position_.step) + " of " +
                                         std::to_string(steps));
    }
    Weights::TensorMap weights;
    for (const auto& [name, tensor] : tensors_.GetAll())
    {
      if (name.starts_with(NETWORK))
      {
        weights.Set(name.substr(NETWORK.size()), tensor);
      }
    }
    weights.CopyInto(network);
    RestoreOptimizerState(network, optimizer, tensors_);
    GetGenerator().set_state(tensors_.Get(GENERATOR));
    return position_.step;
  }
}
