// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Protocol
{
  enum class DType
  {
    Bool,
    U8,
    I8,
    U16,
    I16,
    F16,
    BF16,
    U32,
    I32,
    F32,
    U64,
    I64,
    F64
  };

  std::size_t GetItemSize(DType dtype) noexcept;

  // "F32", "I64", ...: the names of the safetensors header.
  std::string_view ToString(DType dtype) noexcept;

  // One tensor inside a SafetensorsFile or handed to a SafetensorsWriter: row-major, little endian.
  // Does not own its bytes.
  struct TensorView
  {
    DType dtype;
    std::vector<std::int64_t> shape;  // empty = scalar
    std::span<const std::byte> data;  // exactly product(shape) * GetItemSize(dtype) bytes

    std::uint64_t GetElementCount() const;
  };

  // A parsed safetensors blob (format of 2023). Everything is checked
  // before it is believed, with 64-bit arithmetic: header length, JSON depth and duplicate keys, known dtypes,
  // shape times item size == offsets, offsets ascending, without holes or overlap, up to the very end of the blob.
  // Immutable once built, so it can be read from several threads. Throws Error(Corrupt) with the tensor's name, and
  // Error(BadInput) when the header is no JSON.
  class SafetensorsFile
  {
  public:
    // Maps the file read-only; the views stay valid as long as this object lives. Also throws Error(NotFound) when it
    // cannot be opened, Error(BadInput) when it is no regular file, Error(Unavailable) when it cannot be mapped.
    static SafetensorsFile Open(const std::filesystem::path& path);

    // The same of a file whose content has this SHA-256; nothing, and nothing is parsed, when it has another. Whatever
    // takes the file's place meanwhile, what was hashed is what is mapped. Also throws Error(Unavailable) when it
    // cannot be read.
    static std::optional<SafetensorsFile> OpenHashed(const std::filesystem::path& path, const std::string& sha256);

    // Takes the bytes of a blob (a protocol frame).
    static SafetensorsFile Parse(std::vector<std::byte> blob);

    SafetensorsFile(SafetensorsFile&& other) noexcept;
    SafetensorsFile& operator=(SafetensorsFile&& other) noexcept;
    SafetensorsFile(const SafetensorsFile&) = delete;
    SafetensorsFile& operator=(const SafetensorsFile&) = delete;
    ~SafetensorsFile();

    // `__metadata__`: strings by name; empty when the header has none.
    const std::map<std::string, std::string>& GetMetadata() const noexcept
    {
      return metadata_;
    }

    const std::map<std::string, TensorView>& GetTensors() const noexcept
    {
      return tensors_;
    }

    // Throws Error(NotFound) naming the tensor.
    const TensorView& GetTensor(const std::string& name) const;

  private:
    SafetensorsFile() = default;

    static SafetensorsFile Map(int descriptor, const std::filesystem::path& path);

    void ParseHeader(std::span<const std::byte> blob);
    void Release() noexcept;

    std::vector<std::byte> owned_;
    void* mapping_ = nullptr;
    std::size_t mappingSize_ = 0;
    std::map<std::string, std::string> metadata_;
    std::map<std::string, TensorView> tensors_;
  };

  // Writes tensors in the order of their names (so that equal content gives equal bytes), data aligned to 8 bytes.
  class SafetensorsWriter
  {
  public:
    void SetMetadata(const std::string& key, const std::string& value);

    // The bytes are not copied: they must outlive the call of Serialize() or Save().
    void AddTensor(const std::string& name, TensorView tensor);

    std::vector<std::byte> Serialize() const;

    // Writes to a temporary file beside `path`, fsyncs, then renames: a reader never sees half a file.
    void Save(const std::filesystem::path& path) const;

  private:
    std::string MakeHeader() const;

    std::map<std::string, std::string> metadata_;
    std::map<std::string, TensorView> tensors_;
  };
}
