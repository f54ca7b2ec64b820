// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Message.h"
#include "Plugin/Engine/IInferenceEngine.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace H3K27M::Engine
{
  // Extents of what the engine may send; checked before memory is taken.
  struct Extents
  {
    std::size_t slices = 0;
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
  };

  // Puts slices together from the bands of rows of `slice` and `mask` frames: [rows of the band, columns], in order
  // from row 0 on. `T` is uint8_t (U8) or uint16_t (U16). Costs rows x columns of memory per slice that came.
  template <typename T>
  class BandAssembler
  {
  public:
    BandAssembler(const Extents& extents, const char* tensorName) :
      extents_(extents),
      tensorName_(tensorName)
    {
    }

    // Throws Error(Corrupt) when the band does not fit.
    void Accept(const Protocol::ReceivedMessage& message)
    {
      const std::uint64_t slice = message.GetCount("slice");
      const std::uint64_t row = message.GetCount("row");
      const Protocol::TensorView& band = message.GetTensor(tensorName_);

      if (slice >= extents_.slices || band.dtype != DTYPE || band.shape.size() != 2 || band.shape[0] < 1 ||
          band.shape[1] != static_cast<std::int64_t>(extents_.columns) || row >= extents_.rows ||
          static_cast<std::uint64_t>(band.shape[0]) > extents_.rows - row)
      {
        Refuse("does not fit its slice", slice);
      }

      Slice& target = slices_[static_cast<std::size_t>(slice)];

      if (row != target.rowsDone)
      {
        Refuse("is out of order", slice);
      }

      if (target.values.empty())
      {
        target.values.resize(static_cast<std::size_t>(extents_.rows) * extents_.columns);
      }

      std::memcpy(target.values.data() + row * extents_.columns, band.data.data(), band.data.size());
      target.rowsDone = row + static_cast<std::uint64_t>(band.shape[0]);
    }

    // Every slice that came must be complete; throws Error(Corrupt).
    std::map<std::size_t, std::vector<T>> Take()
    {
      std::map<std::size_t, std::vector<T>> complete;

      for (auto& [index, slice] : slices_)
      {
        if (slice.rowsDone != extents_.rows)
        {
          Refuse("is the last one, but rows are missing", index);
        }

        complete.emplace(index, std::move(slice.values));
      }

      slices_.clear();
      return complete;
    }

  private:
    static constexpr Protocol::DType DTYPE = sizeof(T) == 1 ? Protocol::DType::U8 : Protocol::DType::U16;

    struct Slice
    {
      std::vector<T> values;
      std::uint64_t rowsDone = 0;
    };

    [[noreturn]] void Refuse(const char* what, std::uint64_t slice) const
    {
      throw Error(ErrorCode::Corrupt, std::string("The engine sent a band of '") + tensorName_ + "' of slice " +
                                        std::to_string(slice) + " that " + what);
    }

    Extents extents_;
    const char* tensorName_;
    std::map<std::size_t, Slice> slices_;
  };
}
