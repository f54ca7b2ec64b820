// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/TensorBoardFile.h"

#include "Inference/Protocol/AtomicFile.h"

#include <bit>
#include <span>

namespace H3K27M::Reports
{
  namespace
  {
    // Field numbers and wire types of event.proto and summary.proto.
    constexpr std::uint64_t VARINT = 0;
    constexpr std::uint64_t EIGHT_BYTES = 1;
    constexpr std::uint64_t BYTES = 2;
    constexpr std::uint64_t FOUR_BYTES = 5;
    constexpr std::uint64_t EVENT_WALL_TIME = 1;
    constexpr std::uint64_t EVENT_STEP = 2;
    constexpr std::uint64_t EVENT_FILE_VERSION = 3;
    constexpr std::uint64_t EVENT_SUMMARY = 5;
    constexpr std::uint64_t SUMMARY_VALUE = 1;
    constexpr std::uint64_t VALUE_TAG = 1;
    constexpr std::uint64_t VALUE_SIMPLE = 2;

    void AppendVarint(std::string& bytes, std::uint64_t value)
    {
      constexpr std::uint64_t MORE = 0x80;
      for (; value >= MORE; value >>= 7U)
      {
        bytes.push_back(static_cast<char>((value & (MORE - 1)) | MORE));
      }
      bytes.push_back(static_cast<char>(value));
    }

    template <typename Unsigned>
    void AppendLittleEndian(std::string& bytes, Unsigned value)
    {
      for (std::size_t i = 0; i < sizeof(value); i++)
      {
        bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
      }
    }

    void AppendKey(std::string& bytes, std::uint64_t field, std::uint64_t type)
    {
      AppendVarint(bytes, field << 3U | type);
    }

    void AppendBytes(std::string& bytes, std::uint64_t field, std::string_view value)
    {
      AppendKey(bytes, field, BYTES);
      AppendVarint(bytes, value.size());
      bytes.append(value);
    }

    std::string BeginEvent(double secondsSince1970)
    {
      std::string event;
      AppendKey(event, EVENT_WALL_TIME, EIGHT_BYTES);
      AppendLittleEndian(event, std::bit_cast<std::uint64_t>(secondsSince1970));
      return event;
    }

    std::uint32_t GetMaskedCrc(std::string_view bytes)
    {
      constexpr std::uint32_t MASK = 0xa282ead8;
      return std::rotr(TensorBoardFile::GetCrc(bytes), 15) + MASK;
    }
  }

  TensorBoardFile::TensorBoardFile(double secondsSince1970)
  {
    std::string event = BeginEvent(secondsSince1970);
    AppendBytes(event, EVENT_FILE_VERSION, "brain.Event:2");
    AddRecord(event);
  }

  void TensorBoardFile::Add(double secondsSince1970, std::int64_t step, const std::map<std::string, double>& values)
  {
    std::string summary;
    for (const auto& [tag, number] : values)
    {
      std::string value;
      AppendBytes(value, VALUE_TAG, tag);
      AppendKey(value, VALUE_SIMPLE, FOUR_BYTES);
      AppendLittleEndian(value, std::bit_cast<std::uint32_t>(static_cast<float>(number)));
      AppendBytes(summary, SUMMARY_VALUE, value);
    }
    std::string event = BeginEvent(secondsSince1970);
    AppendKey(event, EVENT_STEP, VARINT);
    AppendVarint(event, static_cast<std::uint64_t>(step));
    AppendBytes(event, EVENT_SUMMARY, summary);
    AddRecord(event);
  }

  void TensorBoardFile::AddRecord(std::string_view event)
  {
    std::string length;
    AppendLittleEndian(length, std::uint64_t{event.size()});
    bytes_ += length;
    AppendLittleEndian(bytes_, GetMaskedCrc(length));
    bytes_ += event;
    AppendLittleEndian(bytes_, GetMaskedCrc(event));
  }

  void TensorBoardFile::Save(const std::filesystem::path& path) const
  {
    Protocol::WriteFileAtomically(path, std::as_bytes(std::span(bytes_)));
  }

  std::uint32_t TensorBoardFile::GetCrc(std::string_view bytes) noexcept
  {
    constexpr std::uint32_t POLYNOMIAL = 0x82f63b78;  // reflected
    std::uint32_t crc = 0xffffffffU;
    for (const char byte : bytes)
    {
      crc ^= static_cast<unsigned char>(byte);
      for (int bit = 0; bit < 8; bit++)
      {
        crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? POLYNOMIAL : 0U);
      }
    }
    return ~crc;
  }
}
