// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Message.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Serve
{
  // Messages of a study as the plugin sends them, for tests.
  struct StudyMessages
  {
    std::string id = "study";
    std::size_t slices = 2;
    std::size_t rows = 16;
    std::size_t columns = 12;

    Json::Value GetRequest() const
    {
      Json::Value request;
      request["slices"] = Json::UInt64(slices);
      request["rows"] = Json::UInt64(rows);
      request["columns"] = Json::UInt64(columns);
      request["pixel_spacing_mm"].append(2.0);
      request["pixel_spacing_mm"].append(2.5);
      request["slice_spacing_mm"] = 5.0;
      return request;
    }

    Protocol::Message Begin(const Json::Value& request) const
    {
      Protocol::Message message(Protocol::Verb::STUDY_BEGIN, id);
      message.SetJson("request", request);
      return message;
    }

    // `values`: a whole number of rows. Must outlive the message.
    Protocol::Message Band(std::uint64_t slice, std::uint64_t row, std::span<const std::uint16_t> values) const
    {
      Protocol::Message message(Protocol::Verb::SLICE, id);
      message.Set("slice", slice).Set("row", row);
      message.Set("slope", std::string("1")).Set("intercept", std::string("0"));
      message.AddTensor("voxels",
                        {Protocol::DType::U16,
                         {static_cast<std::int64_t>(values.size() / columns), static_cast<std::int64_t>(columns)},
                         std::as_bytes(values)});
      return message;
    }

    Protocol::Message End() const
    {
      return Protocol::Message(Protocol::Verb::STUDY_END, id);
    }
  };
}
