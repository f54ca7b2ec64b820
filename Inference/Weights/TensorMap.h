// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Safetensors.h"

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>

namespace H3K27M::Weights
{
  // How floating-point tensors are stored, but for those of an InputReference: they are float32. Integers always keep
  // their type.
  enum class StoredPrecision
  {
    F16,
    F32
  };

  // Tensors by name, on the host: the content of a safetensors file, or a network's state dict (parameters and buffers
  // under their dotted names).
  class TensorMap
  {
  public:
    TensorMap() = default;

    // Copies every tensor of the file: F16, BF16, F32, F64 and integers become torch tensors of the same type (U16,
    // U32, U64: the next larger signed one). Throws what SafetensorsFile throws, and Error(Unavailable) when the memory
    // does not hold them.
    static TensorMap Load(const std::filesystem::path& path);
    static TensorMap FromFile(const Protocol::SafetensorsFile& file);

    // A copy of the module's parameters and buffers.
    static TensorMap FromModule(const torch::nn::Module& module);

    // Writes the tensors, by rename, so that a reader never sees half a file. Throws Error(BadInput) naming a tensor
    // whose values do not fit F16 or are not finite.
    void Save(const std::filesystem::path& path, StoredPrecision precision,
              const std::map<std::string, std::string>& metadata = {}) const;

    // Copies the tensors into the module, converting floating-point types. Nothing is copied unless everything fits:
    // throws Error(BadInput) naming each tensor that is missing, that the module does not have, whose shape or kind
    // (integer, floating-point) is another, or that holds a value that is not finite.
    void CopyInto(torch::nn::Module& module) const;

    void Set(const std::string& name, torch::Tensor tensor);

    // Throws Error(NotFound) naming the tensor.
    const torch::Tensor& Get(const std::string& name) const;

    bool Has(const std::string& name) const;

    const std::map<std::string, torch::Tensor>& GetAll() const noexcept
    {
      return tensors_;
    }

  private:
    std::map<std::string, torch::Tensor> tensors_;
  };
}
