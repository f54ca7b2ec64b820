// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace H3K27M::Reports
{
  // One file of scalars as TensorBoard reads it: TFRecord framing (length, masked CRC-32C, bytes, masked CRC-32C) round
  // messages `Event` of TensorFlow's protocol buffers, of which four fields are needed.
  class TensorBoardFile
  {
  public:
    // Begins with the version that readers look for.
    explicit TensorBoardFile(double secondsSince1970);

    // Values by tag. TensorBoard keeps them as float32.
    void Add(double secondsSince1970, std::int64_t step, const std::map<std::string, double>& values);

    // Throws Error(Unavailable).
    void Save(const std::filesystem::path& path) const;

    const std::string& GetBytes() const noexcept
    {
      return bytes_;
    }

    // CRC-32C (Castagnoli: RFC 3720, appendix B.4).
    static std::uint32_t GetCrc(std::string_view bytes) noexcept;

  private:
    void AddRecord(std::string_view event);

    std::string bytes_;
  };
}
