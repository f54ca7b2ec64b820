// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Safetensors.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <tuple>
#include <utility>

namespace H3K27M::Protocol
{
  namespace
  {
    constexpr std::size_t LENGTH_BYTES = 8;
    constexpr std::size_t ALIGNMENT = 8;

    // The format's own limit for the JSON header.
    constexpr std::uint64_t MAX_HEADER_BYTES = 100'000'000;
    constexpr std::size_t MAX_DIMENSIONS = 16;

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

    [[noreturn]] void Refuse(const std::string& reason)
    {
      throw Error(ErrorCode::Corrupt, "Safetensors: " + reason);
    }

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

      Refuse("tensor '" + tensor + "' has an unknown dtype");
    }

    std::uint64_t ParseCount(const std::string& tensor, const Json::Value& value)
    {
      // isUInt64() alone would take 4.0 as well.
      if (!value.isUInt64() || value.type() == Json::realValue)
      {
        Refuse("tensor '" + tensor + "' has a size or offset that is no whole number");
      }

      return value.asUInt64();
    }

    // Number of bytes that shape and dtype ask for; refuses what does not fit 63 bits.
    std::uint64_t CountBytes(const std::string& tensor, const std::vector<std::int64_t>& shape, DType dtype)
    {
      std::uint64_t bytes = GetItemSize(dtype);

      for (std::int64_t size : shape)
      {
        const auto factor = static_cast<std::uint64_t>(size);

        if (factor != 0 && bytes > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / factor)
        {
          Refuse("tensor '" + tensor + "' has a shape whose size overflows");
        }

        bytes *= factor;
      }

      return bytes;
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
        Refuse("tensor '" + name + "' must have dtype, shape and data_offsets, and nothing else");
      }

      Entry entry;
      entry.name = name;
      entry.dtype = ParseDType(name, json["dtype"]);

      const Json::Value& shape = json["shape"];
      const Json::Value& offsets = json["data_offsets"];

      if (!shape.isArray() || shape.size() > MAX_DIMENSIONS || !offsets.isArray() || offsets.size() != 2)
      {
        Refuse("tensor '" + name + "' has a malformed shape or data_offsets");
      }

      for (const Json::Value& size : shape)
      {
        const std::uint64_t count = ParseCount(name, size);

        if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        {
          Refuse("tensor '" + name + "' has a shape whose size overflows");
        }

        entry.shape.push_back(static_cast<std::int64_t>(count));
      }

      entry.begin = ParseCount(name, offsets[0]);
      entry.end = ParseCount(name, offsets[1]);

      if (entry.begin > entry.end || entry.end - entry.begin != CountBytes(name, entry.shape, entry.dtype))
      {
        Refuse("tensor '" + name + "': its data_offsets do not match its shape and dtype");
      }

      return entry;
    }

    std::map<std::string, std::string> ParseMetadata(const Json::Value& json)
    {
      std::map<std::string, std::string> metadata;

      if (!json.isObject())
      {
        Refuse("__metadata__ must be an object of strings");
      }

      for (const std::string& key : json.getMemberNames())
      {
        if (!json[key].isString())
        {
          Refuse("__metadata__ must be an object of strings, '" + key + "' is none");
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
          Refuse("tensor '" + entry.name + "' leaves a hole or overlaps its neighbour");
        }

        expected = entry.end;
      }

      if (expected != dataBytes)
      {
        Refuse("the header speaks of " + std::to_string(expected) + " bytes of data, there are " +
               std::to_string(dataBytes));
      }
    }

    std::uint64_t ReadLittleEndian64(std::span<const std::byte> bytes)
    {
      std::uint64_t value = 0;

      for (std::size_t i = 0; i < LENGTH_BYTES; i++)
      {
        value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
      }

      return value;
    }

    // Closes the descriptor of a file while it is being mapped.
    class Descriptor
    {
    public:
      explicit Descriptor(const std::filesystem::path& path) :
        fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC))
      {
        if (fd_ < 0)
        {
          throw Error(ErrorCode::NotFound, "Cannot open " + path.string() + ": " + std::strerror(errno));
        }
      }

      Descriptor(const Descriptor&) = delete;
      Descriptor& operator=(const Descriptor&) = delete;

      ~Descriptor()
      {
        close(fd_);
      }

      int Get() const noexcept
      {
        return fd_;
      }

    private:
      int fd_;
    };
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

  SafetensorsFile SafetensorsFile::Open(const std::filesystem::path& path)
  {
    const Descriptor descriptor(path);
    struct stat info = {};

    if (fstat(descriptor.Get(), &info) != 0 || !S_ISREG(info.st_mode))
    {
      throw Error(ErrorCode::BadInput, path.string() + " is not a regular file");
    }

    if (static_cast<std::uint64_t>(info.st_size) < LENGTH_BYTES)
    {
      Refuse(path.string() + " is shorter than its length field");
    }

    SafetensorsFile file;
    const auto size = static_cast<std::size_t>(info.st_size);
    void* mapping = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.Get(), 0);

    if (mapping == MAP_FAILED)
    {
      throw Error(ErrorCode::Unavailable, "Cannot map " + path.string() + ": " + std::strerror(errno));
    }

    file.mapping_ = mapping;
    file.mappingSize_ = size;
    file.ParseHeader(std::span(static_cast<const std::byte*>(mapping), size));
    return file;
  }

  SafetensorsFile SafetensorsFile::Parse(std::vector<std::byte> blob)
  {
    SafetensorsFile file;
    file.owned_ = std::move(blob);
    file.ParseHeader(file.owned_);
    return file;
  }

  SafetensorsFile::SafetensorsFile(SafetensorsFile&& other) noexcept :
    owned_(std::move(other.owned_)),
    mapping_(std::exchange(other.mapping_, nullptr)),
    mappingSize_(std::exchange(other.mappingSize_, 0)),
    metadata_(std::move(other.metadata_)),
    tensors_(std::move(other.tensors_))
  {
  }

  SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&& other) noexcept
  {
    if (this != &other)
    {
      Release();
      owned_ = std::move(other.owned_);
      mapping_ = std::exchange(other.mapping_, nullptr);
      mappingSize_ = std::exchange(other.mappingSize_, 0);
      metadata_ = std::move(other.metadata_);
      tensors_ = std::move(other.tensors_);
    }

    return *this;
  }

  SafetensorsFile::~SafetensorsFile()
  {
    Release();
  }

  void SafetensorsFile::Release() noexcept
  {
    if (mapping_ != nullptr)
    {
      munmap(mapping_, mappingSize_);
      mapping_ = nullptr;
    }
  }

  void SafetensorsFile::ParseHeader(std::span<const std::byte> blob)
  {
    if (blob.size() < LENGTH_BYTES)
    {
      Refuse("shorter than its length field");
    }

    const std::uint64_t headerBytes = ReadLittleEndian64(blob);

    if (headerBytes > MAX_HEADER_BYTES || headerBytes > blob.size() - LENGTH_BYTES)
    {
      Refuse("the header's length (" + std::to_string(headerBytes) + " bytes) reaches beyond the end");
    }

    const std::span<const std::byte> data = blob.subspan(LENGTH_BYTES + headerBytes);
    const void* const text = blob.data() + LENGTH_BYTES;
    const Json::Value header = ParseJson(std::string_view(static_cast<const char*>(text), headerBytes));

    if (!header.isObject())
    {
      Refuse("the header is no JSON object");
    }

    std::vector<Entry> entries;

    for (const std::string& name : header.getMemberNames())
    {
      if (name == "__metadata__")
      {
        metadata_ = ParseMetadata(header[name]);
      }
      else
      {
        entries.push_back(ParseEntry(name, header[name]));
      }
    }

    CheckTiling(entries, data.size());

    for (Entry& entry : entries)
    {
      tensors_.emplace(entry.name, TensorView{entry.dtype, std::move(entry.shape),
                                              data.subspan(entry.begin, entry.end - entry.begin)});
    }
  }

  bool SafetensorsFile::HasTensor(const std::string& name) const
  {
    return tensors_.contains(name);
  }

  const TensorView& SafetensorsFile::GetTensor(const std::string& name) const
  {
    const auto found = tensors_.find(name);

    if (found == tensors_.end())
    {
      throw Error(ErrorCode::NotFound, "Safetensors: there is no tensor '" + name + "'");
    }

    return found->second;
  }

  void SafetensorsWriter::SetMetadata(const std::string& key, const std::string& value)
  {
    metadata_[key] = value;
  }

  void SafetensorsWriter::AddTensor(const std::string& name, TensorView tensor)
  {
    if (tensor.data.size() != CountBytes(name, tensor.shape, tensor.dtype))
    {
      throw Error(ErrorCode::Internal, "Safetensors: tensor '" + name + "' has other bytes than its shape says");
    }

    tensors_.insert_or_assign(name, std::move(tensor));
  }

  std::string SafetensorsWriter::MakeHeader() const
  {
    Json::Value header(Json::objectValue);

    if (!metadata_.empty())
    {
      Json::Value& metadata = header["__metadata__"];

      for (const auto& [key, value] : metadata_)
      {
        metadata[key] = value;
      }
    }

    std::uint64_t offset = 0;

    for (const auto& [name, tensor] : tensors_)
    {
      Json::Value& entry = header[name];
      entry["dtype"] = std::string(ToString(tensor.dtype));
      entry["shape"] = Json::arrayValue;

      for (std::int64_t size : tensor.shape)
      {
        entry["shape"].append(static_cast<Json::Int64>(size));
      }

      entry["data_offsets"].append(static_cast<Json::UInt64>(offset));
      offset += tensor.data.size();
      entry["data_offsets"].append(static_cast<Json::UInt64>(offset));
    }

    std::string text = WriteCompactJson(header);
    text.append((ALIGNMENT - text.size() % ALIGNMENT) % ALIGNMENT, ' ');
    return text;
  }

  std::vector<std::byte> SafetensorsWriter::Serialize() const
  {
    const std::string header = MakeHeader();
    std::size_t total = LENGTH_BYTES + header.size();

    for (const auto& [name, tensor] : tensors_)
    {
      total += tensor.data.size();
    }

    std::vector<std::byte> blob;
    blob.reserve(total);

    for (std::size_t i = 0; i < LENGTH_BYTES; i++)
    {
      blob.push_back(static_cast<std::byte>((static_cast<std::uint64_t>(header.size()) >> (8 * i)) & 0xff));
    }

    const auto headerBytes = std::as_bytes(std::span(header));
    blob.insert(blob.end(), headerBytes.begin(), headerBytes.end());

    for (const auto& [name, tensor] : tensors_)
    {
      blob.insert(blob.end(), tensor.data.begin(), tensor.data.end());
    }

    return blob;
  }

  void SafetensorsWriter::Save(const std::filesystem::path& path) const
  {
    WriteFileAtomically(path, Serialize());
  }
}
