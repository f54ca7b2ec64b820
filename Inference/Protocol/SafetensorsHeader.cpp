// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/SafetensorsHeader.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>
#include <utility>

namespace H3K27M::Protocol
{
  namespace
  {
    // The format's own limit for the JSON header.
    constexpr std::uint64_t MAX_HEADER_BYTES = 100'000'000;
    constexpr std::size_t MAX_DIMENSIONS = 16;

    // Some fifteen for each tensor; of a checkpoint there are thousands.
    constexpr std::size_t MAX_HEADER_VALUES = 1'000'000;

    struct DTypeRow
    {
      DType dtype;
      std::string_view name;
      std::size_t itemSize;
    };

    constexpr std::array<DTypeRow, 13> DTYPES = {{{DType::Bool, "BOOL", 1},
                                                  {DType::U8, "U8", 1},
                                                  {DType::I8, "I8", 1},
                                                  {DType::U16, "U16", 2},
                                                  {DType::I16, "I16", 2},
                                                  {DType::F16, "F16", 2},
                                                  {DType::BF16, "BF16", 2},
                                                  {DType::U32, "U32", 4},
                                                  {DType::I32, "I32", 4},
                                                  {DType::F32, "F32", 4},
                                                  {DType::U64, "U64", 8},
                                                  {DType::I64, "I64", 8},
                                                  {DType::F64, "F64", 8}}};

    const DTypeRow& GetRow(DType dtype) noexcept
    {
      return DTYPES[static_cast<std::size_t>(dtype)];
    }

    DType ParseDType(const std::string& tensor, const Json::Value& value)
    {
      if (value.isString())
      {
        const std::string name = value.asString();

        for (const DTypeRow& row : DTYPES)
        {
          if (row.name == name)
          {
            return row.dtype;
          }
        }
      }

      RefuseSafetensors("tensor '" + tensor + "' has an unknown dtype");
    }

    std::uint64_t ParseCount(const std::string& tensor, const Json::Value& value)
    {
      // isUInt64() alone would take 4.0 as well.
      if (!value.isUInt64() || value.type() == Json::realValue)
      {
        RefuseSafetensors("tensor '" + tensor + "' has a size or offset that is no whole number");
      }

      return value.asUInt64();
    }

    struct Entry
    {
      std::string name;
      DType dtype;
      std::vector<std::int64_t> shape;
      std::uint64_t begin;
      std::uint64_t end;
    };

    Entry ParseEntry(const std::string& name, const Json::Value& json)
    {
      if (!json.isObject() || json.size() != 3 || !json.isMember("dtype") || !json.isMember("shape") ||
          !json.isMember("data_offsets"))
      {
        RefuseSafetensors("tensor '" + name + "' must have dtype, shape and data_offsets, and nothing else");
      }

      Entry entry;
      entry.name = name;
      entry.dtype = ParseDType(name, json["dtype"]);

      const Json::Value& shape = json["shape"];
      const Json::Value& offsets = json["data_offsets"];

      if (!shape.isArray() || shape.size() > MAX_DIMENSIONS || !offsets.isArray() || offsets.size() != 2)
      {
        RefuseSafetensors("tensor '" + name + "' has a malformed shape or data_offsets");
      }

      for (const Json::Value& size : shape)
      {
        const std::uint64_t count = ParseCount(name, size);

        if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        {
          RefuseSafetensors("tensor '" + name + "' has a shape whose size overflows");
        }

        entry.shape.push_back(static_cast<std::int64_t>(count));
      }

      entry.begin = ParseCount(name, offsets[0]);
      entry.end = ParseCount(name, offsets[1]);

      if (entry.begin > entry.end || entry.end - entry.begin != CountTensorBytes(name, entry.shape, entry.dtype))
      {
        RefuseSafetensors("tensor '" + name + "': its data_offsets do not match its shape and dtype");
      }

      return entry;
    }

    std::map<std::string, std::string> ParseMetadata(const Json::Value& json)
    {
      std::map<std::string, std::string> metadata;

      if (!json.isObject())
      {
        RefuseSafetensors("__metadata__ must be an object of strings");
      }

      for (const std::string& key : json.getMemberNames())
      {
        if (!json[key].isString())
        {
          RefuseSafetensors("__metadata__ must be an object of strings, '" + key + "' is none");
        }

        metadata[key] = json[key].asString();
      }

      return metadata;
    }

    // Offsets must tile the data exactly: no hole in which something hides, no overlap, nothing after the last.
    void CheckTiling(std::vector<Entry>& entries, std::uint64_t dataBytes)
    {
      std::sort(entries.begin(), entries.end(),
                [](const Entry& a, const Entry& b) { return std::tie(a.begin, a.end) < std::tie(b.begin, b.end); });

      std::uint64_t expected = 0;

      for (const Entry& entry : entries)
      {
        if (entry.begin != expected)
        {
          RefuseSafetensors("tensor '" + entry.name + "' leaves a hole or overlaps its neighbour");
        }

        expected = entry.end;
      }

      if (expected != dataBytes)
      {
        RefuseSafetensors("the header speaks of " + std::to_string(expected) + " bytes of data, there are " +
                          std::to_string(dataBytes));
      }
    }

    std::uint64_t ReadLittleEndian64(std::span<const std::byte> bytes)
    {
      std::uint64_t value = 0;

      for (std::size_t i = 0; i < SAFETENSORS_LENGTH_BYTES; i++)
      {
        value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
      }

      return value;
    }
  }

  void RefuseSafetensors(const std::string& reason)
  {
    throw Error(ErrorCode::Corrupt, "Safetensors: " + reason);
  }

  std::size_t GetItemSize(DType dtype) noexcept
  {
    return GetRow(dtype).itemSize;
  }

  std::string_view ToString(DType dtype) noexcept
  {
    return GetRow(dtype).name;
  }

  std::uint64_t TensorView::GetElementCount() const
  {
    std::uint64_t count = 1;

    for (std::int64_t size : shape)
    {
      count *= static_cast<std::uint64_t>(size);
    }

    return count;
  }

  std::uint64_t CountTensorBytes(const std::string& tensor, const std::vector<std::int64_t>& shape, DType dtype)
  {
    // An empty tensor's other sizes count too: whoever makes strides of them multiplies them.
    std::uint64_t bytes = GetItemSize(dtype);
    bool isEmpty = false;

    for (std::int64_t size : shape)
    {
      const auto factor = std::max<std::uint64_t>(static_cast<std::uint64_t>(size), 1);

      if (bytes > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / factor)
      {
        RefuseSafetensors("tensor '" + tensor + "' has a shape whose size overflows");
      }

      isEmpty = isEmpty || size == 0;
      bytes *= factor;
    }

    return isEmpty ? 0 : bytes;
  }

  SafetensorsHeader ParseSafetensorsHeader(std::span<const std::byte> blob)
  {
    if (blob.size() < SAFETENSORS_LENGTH_BYTES)
    {
      RefuseSafetensors("shorter than its length field");
    }

    const std::uint64_t headerBytes = ReadLittleEndian64(blob);

    if (headerBytes > MAX_HEADER_BYTES || headerBytes > blob.size() - SAFETENSORS_LENGTH_BYTES)
    {
      RefuseSafetensors("the header's length (" + std::to_string(headerBytes) + " bytes) reaches beyond the end");
    }

    const std::span<const std::byte> data = blob.subspan(SAFETENSORS_LENGTH_BYTES + headerBytes);
    const void* const text = blob.data() + SAFETENSORS_LENGTH_BYTES;
    const std::string_view header(static_cast<const char*>(text), headerBytes);
    RequireFewValues(header, MAX_HEADER_VALUES);
    const Json::Value json = ParseJson(header);

    if (!json.isObject())
    {
      RefuseSafetensors("the header is no JSON object");
    }

    SafetensorsHeader result;
    std::vector<Entry> entries;

    for (const std::string& name : json.getMemberNames())
    {
      if (name == "__metadata__")
      {
        result.metadata = ParseMetadata(json[name]);
      }
      else
      {
        entries.push_back(ParseEntry(name, json[name]));
      }
    }

    CheckTiling(entries, data.size());

    for (Entry& entry : entries)
    {
      result.tensors.emplace(entry.name, TensorView{entry.dtype, std::move(entry.shape),
                                                    data.subspan(entry.begin, entry.end - entry.begin)});
    }

    return result;
  }
}
