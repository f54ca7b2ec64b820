// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Serve/StoredValues.h"

#include "Inference/Protocol/Error.h"

#include <cstdint>
#include <cstring>
#include <string>

namespace H3K27M::Serve
{
  namespace
  {
    // In float64 for types of 32 bits, whose values float32 does not hold; the bytes need not be aligned.
    template <typename Stored, typename Real>
    void Rescale(const Protocol::TensorView& stored, double slope, double intercept, std::span<float> target)
    {
      const std::byte* bytes = stored.data.data();
      const auto factor = static_cast<Real>(slope);
      const auto offset = static_cast<Real>(intercept);
      for (std::size_t i = 0; i < target.size(); ++i)
      {
        Stored value;
        std::memcpy(&value, bytes + i * sizeof(Stored), sizeof(Stored));
        target[i] = static_cast<float>(static_cast<Real>(value) * factor + offset);
      }
    }
  }

  void RescaleStoredValues(const Protocol::TensorView& stored, double slope, double intercept, std::span<float> target)
  {
    if (stored.GetElementCount() != target.size())
    {
      throw Error(ErrorCode::Internal, "The tensor does not have as many elements as its target");
    }
    switch (stored.dtype)
    {
      case Protocol::DType::U8:
        return Rescale<std::uint8_t, float>(stored, slope, intercept, target);
      case Protocol::DType::I8:
        return Rescale<std::int8_t, float>(stored, slope, intercept, target);
      case Protocol::DType::U16:
        return Rescale<std::uint16_t, float>(stored, slope, intercept, target);
      case Protocol::DType::I16:
        return Rescale<std::int16_t, float>(stored, slope, intercept, target);
      case Protocol::DType::U32:
        return Rescale<std::uint32_t, double>(stored, slope, intercept, target);
      case Protocol::DType::I32:
        return Rescale<std::int32_t, double>(stored, slope, intercept, target);
      case Protocol::DType::F32:
        return Rescale<float, float>(stored, slope, intercept, target);
      default:
        throw Error(ErrorCode::BadInput,
                    "slice: voxels of type " + std::string(Protocol::ToString(stored.dtype)) + " are not taken");
    }
  }
}
