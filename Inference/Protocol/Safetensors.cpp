// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Safetensors.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/SafetensorsHeader.h"
#include "Inference/Protocol/Sha256.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace H3K27M::Protocol
{
  namespace
  {
    constexpr std::size_t ALIGNMENT = 8;

    // Closes the descriptor of a file once it is mapped.
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

    // By reading: where the disk fails, that is an error here; of a mapping it would be the end of the process.
    std::string HashContent(int descriptor, const std::filesystem::path& path)
    {
      constexpr std::size_t BYTES_AT_ONCE = 1 << 20;
      std::vector<std::byte> buffer(BYTES_AT_ONCE);
      Sha256 hash;

      for (;;)
      {
        const ssize_t count = read(descriptor, buffer.data(), buffer.size());

        if (count == 0)
        {
          return hash.Finish();
        }

        if (count > 0)
        {
          hash.Update(std::span(buffer.data(), static_cast<std::size_t>(count)));
        }
        else if (errno != EINTR)
        {
          throw Error(ErrorCode::Unavailable, "Cannot read " + path.string() + ": " + std::strerror(errno));
        }
      }
    }
  }

  SafetensorsFile SafetensorsFile::Open(const std::filesystem::path& path)
  {
    const Descriptor descriptor(path);
    return Map(descriptor.Get(), path);
  }

  std::optional<SafetensorsFile> SafetensorsFile::OpenHashed(const std::filesystem::path& path,
                                                             const std::string& sha256)
  {
    const Descriptor descriptor(path);

    if (HashContent(descriptor.Get(), path) != sha256)
    {
      return std::nullopt;
    }

    return Map(descriptor.Get(), path);
  }

  SafetensorsFile SafetensorsFile::Map(int descriptor, const std::filesystem::path& path)
  {
    struct stat info = {};

    if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode))
    {
      throw Error(ErrorCode::BadInput, path.string() + " is not a regular file");
    }

    if (static_cast<std::uint64_t>(info.st_size) < SAFETENSORS_LENGTH_BYTES)
    {
      RefuseSafetensors(path.string() + " is shorter than its length field");
    }

    SafetensorsFile file;
    const auto size = static_cast<std::size_t>(info.st_size);
    void* mapping = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);

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
    SafetensorsHeader header = ParseSafetensorsHeader(blob);
    metadata_ = std::move(header.metadata);
    tensors_ = std::move(header.tensors);
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
    if (tensor.data.size() != CountTensorBytes(name, tensor.shape, tensor.dtype))
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
    std::size_t total = SAFETENSORS_LENGTH_BYTES + header.size();

    for (const auto& [name, tensor] : tensors_)
    {
      total += tensor.data.size();
    }

    std::vector<std::byte> blob;
    blob.reserve(total);

    for (std::size_t i = 0; i < SAFETENSORS_LENGTH_BYTES; i++)
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
