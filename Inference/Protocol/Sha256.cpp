// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Sha256.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <vector>

namespace H3K27M::Protocol
{
  namespace
  {
    // First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
    constexpr std::array<std::uint32_t, 64> ROUND_CONSTANTS = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

    std::uint32_t ReadBigEndian(const std::byte* bytes) noexcept
    {
      std::uint32_t value = 0;
      for (int i = 0; i < 4; i++)
      {
        value = (value << 8) | std::to_integer<std::uint32_t>(bytes[i]);
      }
      return value;
    }
  }

  Sha256::Sha256() noexcept :
    state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
    pending_{}
  {
  }

  void Sha256::Compress(const std::byte* block) noexcept
  {
    std::array<std::uint32_t, 64> schedule;
    for (std::size_t t = 0; t < 16; t++)
    {
      schedule[t] = ReadBigEndian(block + 4 * t);
    }
    for (std::size_t t = 16; t < 64; t++)
    {
      const std::uint32_t x = schedule[t - 15];
      const std::uint32_t y = schedule[t - 2];
      schedule[t] = schedule[t - 16] + (std::rotr(x, 7) ^ std::rotr(x, 18) ^ (x >> 3)) + schedule[t - 7] +
                    (std::rotr(y, 17) ^ std::rotr(y, 19) ^ (y >> 10));
    }
    auto [a, b, c, d, e, f, g, h] = state_;
    for (std::size_t t = 0; t < 64; t++)
    {
      const std::uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) +
                                  ROUND_CONSTANTS[t] + schedule[t];
      const std::uint32_t second =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + first;
      d = c;
      c = b;
      b = a;
      a = first + second;
    }
    const std::array<std::uint32_t, 8> added = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; i++)
    {
      state_[i] += added[i];
    }
  }

  void Sha256::Update(std::span<const std::byte> bytes) noexcept
  {
    totalBytes_ += bytes.size();
    while (!bytes.empty())
    {
      if (pendingSize_ == 0 && bytes.size() >= pending_.size())
      {
        Compress(bytes.data());
        bytes = bytes.subspan(pending_.size());
        continue;
      }
      const std::size_t taken = std::min(bytes.size(), pending_.size() - pendingSize_);
      std::memcpy(pending_.data() + pendingSize_, bytes.data(), taken);
      pendingSize_ += taken;
      bytes = bytes.subspan(taken);
      if (pendingSize_ == pending_.size())
      {
        Compress(pending_.data());
        pendingSize_ = 0;
      }
    }
  }

  std::string Sha256::Finish()
  {
    const std::uint64_t bits = totalBytes_ * 8;
    std::vector<std::byte> padding(1, std::byte{0x80});
    padding.resize(1 + (119 - pendingSize_) % 64);  // up to 8 bytes before the end of a block
    for (int shift = 56; shift >= 0; shift -= 8)
    {
      padding.push_back(static_cast<std::byte>((bits >> shift) & 0xff));
    }
    Update(padding);

    constexpr const char* DIGITS = "0123456789abcdef";
    std::string text;
    for (const std::uint32_t word : state_)
    {
      for (int shift = 28; shift >= 0; shift -= 4)
      {
        text.push_back(DIGITS[(word >> shift) & 0xf]);
      }
    }
    return text;
  }

  std::string Sha256::OfFile(const std::filesystem::path& path)
  {
    std::ifstream file(path, std::ios::binary);
    if (!file)
    {
      throw Error(ErrorCode::NotFound, "Cannot open " + path.string());
    }
    Sha256 hash;
    std::vector<char> buffer(1 << 20);
    while (file)
    {
      file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
      hash.Update(std::as_bytes(std::span(buffer.data(), static_cast<std::size_t>(file.gcount()))));
    }
    if (file.bad())
    {
      throw Error(ErrorCode::Unavailable, "Cannot read " + path.string());
    }
    return hash.Finish();
  }

  std::string Sha256::OfText(const std::string& text)
  {
    Sha256 hash;
    hash.Update(std::as_bytes(std::span(text.data(), text.size())));
    return hash.Finish();
  }
}
