// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace H3K27M::Protocol
{
  // SHA-256 (FIPS 180-4) of bytes that come in pieces.
  class Sha256
  {
  public:
    Sha256() noexcept;

    void Update(std::span<const std::byte> bytes) noexcept;

    // 64 lower-case hexadecimal digits. The object is used up afterwards.
    std::string Finish();

    // Of a whole file, read in pieces. Throws Error(NotFound) when it cannot be opened, Error(Unavailable) when reading
    // fails.
    static std::string OfFile(const std::filesystem::path& path);

    static std::string OfText(const std::string& text);

  private:
    void Compress(const std::byte* block) noexcept;

    std::array<std::uint32_t, 8> state_;
    std::array<std::byte, 64> pending_;
    std::size_t pendingSize_ = 0;
    std::uint64_t totalBytes_ = 0;
  };
}
