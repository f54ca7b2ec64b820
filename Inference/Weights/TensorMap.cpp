// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Weights/TensorMap.h"

#include "Inference/Network/TranslateTorch.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/InputReference.h"

#include <cstring>
#include <sstream>
#include <vector>

namespace H3K27M::Weights
{
  namespace
  {
    constexpr std::size_t MAX_NAMES_IN_MESSAGE = 8;

    template <typename Stored, typename Wide>
    torch::Tensor Widen(const Protocol::TensorView& view, torch::ScalarType type)
    {
      torch::Tensor tensor = torch::empty(view.shape, torch::TensorOptions(type));
      Wide* target = tensor.data_ptr<Wide>();
      for (std::size_t i = 0; i < view.data.size() / sizeof(Stored); i++)
      {
        Stored value;
        std::memcpy(&value, view.data.data() + i * sizeof(Stored), sizeof(Stored));
        target[i] = static_cast<Wide>(value);
      }
      return tensor;
    }

    torch::Tensor CopySameType(const Protocol::TensorView& view, torch::ScalarType type)
    {
      torch::Tensor tensor = torch::empty(view.shape, torch::TensorOptions(type));
      if (!view.data.empty())
      {
        std::memcpy(tensor.data_ptr(), view.data.data(), view.data.size());
      }
      return tensor;
    }

    torch::Tensor ToTorch(const Protocol::TensorView& view)
    {
      using Protocol::DType;
      switch (view.dtype)
      {
        case DType::Bool:
          return CopySameType(view, torch::kBool);
        case DType::U8:
          return CopySameType(view, torch::kUInt8);
        case DType::I8:
          return CopySameType(view, torch::kInt8);
        case DType::I16:
          return CopySameType(view, torch::kInt16);
        case DType::I32:
          return CopySameType(view, torch::kInt32);
        case DType::I64:
          return CopySameType(view, torch::kInt64);
        case DType::F16:
          return CopySameType(view, torch::kFloat16);
        case DType::BF16:
          return CopySameType(view, torch::kBFloat16);
        case DType::F32:
          return CopySameType(view, torch::kFloat32);
        case DType::F64:
          return CopySameType(view, torch::kFloat64);
        case DType::U16:
          return Widen<std::uint16_t, std::int32_t>(view, torch::kInt32);
        case DType::U32:
          return Widen<std::uint32_t, std::int64_t>(view, torch::kInt64);
        case DType::U64:
          return Widen<std::uint64_t, std::int64_t>(view, torch::kInt64);
      }
      throw Error(ErrorCode::Internal, "Unknown type of a tensor");
    }

    Protocol::DType ToStoredType(const std::string& name, torch::ScalarType type)
    {
      using Protocol::DType;
      static const std::map<torch::ScalarType, DType> TYPES = {
        {torch::kBool, DType::Bool},   {torch::kUInt8, DType::U8},      {torch::kInt8, DType::I8},
        {torch::kInt16, DType::I16},   {torch::kInt32, DType::I32},     {torch::kInt64, DType::I64},
        {torch::kFloat16, DType::F16}, {torch::kBFloat16, DType::BF16}, {torch::kFloat32, DType::F32},
        {torch::kFloat64, DType::F64}};
      const auto found = TYPES.find(type);
      if (found == TYPES.end())
      {
        throw Error(ErrorCode::Internal, "Tensor '" + name + "' has a type that safetensors cannot hold");
      }
      return found->second;
    }

    std::string ToText(at::IntArrayRef shape)
    {
      std::ostringstream text;
      text << shape;
      return text.str();
    }

    // Collects faults, so that one message names them all.
    class Faults
    {
    public:
      void Add(const std::string& kind, const std::string& name)
      {
        names_[kind].push_back(name);
      }

      void ThrowIfAny() const
      {
        if (names_.empty())
        {
          return;
        }
        std::ostringstream message;
        message << "The weights do not fit the network:";
        for (const auto& [kind, names] : names_)
        {
          message << ' ' << kind << ' ';
          for (std::size_t i = 0; i < names.size() && i < MAX_NAMES_IN_MESSAGE; i++)
          {
            message << (i == 0 ? "" : ", ") << names[i];
          }
          if (names.size() > MAX_NAMES_IN_MESSAGE)
          {
            message << " and " << names.size() - MAX_NAMES_IN_MESSAGE << " more";
          }
          message << ';';
        }
        std::string text = message.str();
        text.pop_back();
        throw Error(ErrorCode::BadInput, text);
      }

    private:
      std::map<std::string, std::vector<std::string>> names_;
    };

    // The module's own tensors by name; writing to them changes the module.
    std::map<std::string, torch::Tensor> GetState(const torch::nn::Module& module)
    {
      std::map<std::string, torch::Tensor> state;
      for (const auto& item : module.named_parameters())
      {
        state.emplace(item.key(), item.value());
      }
      for (const auto& item : module.named_buffers())
      {
        state.emplace(item.key(), item.value());
      }
      return state;
    }

    void CheckOne(const std::string& name, const torch::Tensor& source, const torch::Tensor& target, Faults& faults)
    {
      if (source.sizes() != target.sizes())
      {
        faults.Add("misshapen:", name + " (has " + ToText(source.sizes()) + ", needs " + ToText(target.sizes()) + ")");
      }
      else if (source.is_floating_point() != target.is_floating_point())
      {
        faults.Add("of the wrong kind:", name + " (has " + std::string(source.toString()) + ")");
      }
      else if (source.is_floating_point() && !torch::isfinite(source).all().item<bool>())
      {
        faults.Add("not finite:", name);
      }
    }
  }

  TensorMap TensorMap::Load(const std::filesystem::path& path)
  {
    return FromFile(Protocol::SafetensorsFile::Open(path));
  }

  TensorMap TensorMap::FromFile(const Protocol::SafetensorsFile& file)
  {
    return Network::TranslateTorch([&file]
    {
      TensorMap map;
      for (const auto& [name, view] : file.GetTensors())
      {
        map.tensors_.emplace(name, ToTorch(view));
      }
      return map;
    });
  }

  TensorMap TensorMap::FromModule(const torch::nn::Module& module)
  {
    return Network::TranslateTorch([&module]
    {
      TensorMap map;
      for (const auto& [name, tensor] : GetState(module))
      {
        map.tensors_.emplace(name, tensor.detach().to(torch::kCPU).clone(at::MemoryFormat::Contiguous));
      }
      return map;
    });
  }

  void TensorMap::Save(const std::filesystem::path& path, StoredPrecision precision,
                       const std::map<std::string, std::string>& metadata) const
  {
    Protocol::SafetensorsWriter writer;
    for (const auto& [key, value] : metadata)
    {
      writer.SetMetadata(key, value);
    }
    std::vector<torch::Tensor> stored;  // keeps the bytes alive until Save() below
    for (const auto& [name, tensor] : tensors_)
    {
      torch::Tensor converted = tensor.to(torch::kCPU);
      if (tensor.is_floating_point())
      {
        // A whitening matrix is not for half precision.
        const bool isHalf = precision == StoredPrecision::F16 && !name.starts_with(InputReference::PREFIX);
        converted = converted.to(isHalf ? torch::kFloat16 : torch::kFloat32);
        if (!torch::isfinite(converted).all().item<bool>())
        {
          throw Error(ErrorCode::BadInput, "Tensor '" + name + "' holds a value that cannot be stored");
        }
      }
      stored.push_back(converted.contiguous());
      const torch::Tensor& last = stored.back();
      writer.AddTensor(name, {ToStoredType(name, last.scalar_type()), last.sizes().vec(),
                              std::span(static_cast<const std::byte*>(last.data_ptr()), last.nbytes())});
    }
    writer.Save(path);
  }

  void TensorMap::CopyInto(torch::nn::Module& module) const
  {
    const std::map<std::string, torch::Tensor> state = GetState(module);
    Faults faults;
    for (const auto& [name, target] : state)
    {
      const auto source = tensors_.find(name);
      if (source == tensors_.end())
      {
        faults.Add("missing:", name);
      }
      else
      {
        CheckOne(name, source->second, target, faults);
      }
    }
    for (const auto& [name, tensor] : tensors_)
    {
      if (state.count(name) == 0)
      {
        faults.Add("unknown:", name);
      }
    }
    faults.ThrowIfAny();

    const torch::NoGradGuard noGrad;
    for (const auto& [name, target] : state)
    {
      torch::Tensor writable = target;
      writable.copy_(tensors_.at(name));
    }
  }

  void TensorMap::Set(const std::string& name, torch::Tensor tensor)
  {
    tensors_[name] = std::move(tensor);
  }

  const torch::Tensor& TensorMap::Get(const std::string& name) const
  {
    const auto found = tensors_.find(name);
    if (found == tensors_.end())
    {
      throw Error(ErrorCode::NotFound, "There is no tensor '" + name + "'");
    }
    return found->second;
  }

  bool TensorMap::Has(const std::string& name) const
  {
    return tensors_.count(name) != 0;
  }
}
