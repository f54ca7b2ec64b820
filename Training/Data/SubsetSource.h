// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/ICaseSource.h"

namespace H3K27M::Data
{
  // Some cases of another source, in the order given.
  class SubsetSource : public ICaseSource
  {
  public:
    // `source` must outlive this object; the indices must be below its count.
    SubsetSource(const ICaseSource& source, std::vector<std::size_t> indices) :
      source_(source),
      indices_(std::move(indices))
    {
    }

    std::size_t GetCount() const override
    {
      return indices_.size();
    }

    TrainingCase Load(std::size_t index) const override
    {
      return source_.Load(indices_.at(index));
    }

    Json::Value Describe() const override
    {
      Json::Value description = source_.Describe();
      description["subset"] = Json::Value(Json::arrayValue);
      for (const std::size_t index : indices_)
      {
        description["subset"].append(Json::UInt64{index});
      }
      return description;
    }

  private:
    const ICaseSource& source_;
    std::vector<std::size_t> indices_;
  };
}
