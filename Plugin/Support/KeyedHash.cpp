// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/KeyedHash.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"

#include <sys/random.h>

#include <array>
#include <cstddef>

namespace H3K27M::Support
{
  namespace
  {
    constexpr std::size_t BLOCK = 64;  // bytes, of SHA-256
    constexpr const char* DIGITS = "0123456789abcdef";

    std::string FromHexadecimal(const std::string& text)
    {
      const auto value = [](char c) { return std::string(DIGITS).find(c); };
      std::string bytes;

      for (std::size_t i = 0; i + 1 < text.size(); i += 2)
      {
        bytes += static_cast<char>(value(text[i]) * 16 + value(text[i + 1]));
      }

      return bytes;
    }

    std::string Pad(std::string key, unsigned char with)
    {
      key.resize(BLOCK, '\0');

      for (char& c : key)
      {
        c = static_cast<char>(static_cast<unsigned char>(c) ^ with);
      }

      return key;
    }
  }

  std::string ComputeKeyedHash(const std::string& key, const std::string& text)
  {
    const std::string block = key.size() > BLOCK ? FromHexadecimal(Protocol::Sha256::OfText(key)) : key;
    const std::string inner = FromHexadecimal(Protocol::Sha256::OfText(Pad(block, 0x36) + text));
    return Protocol::Sha256::OfText(Pad(block, 0x5c) + inner);
  }

  std::string MakeKey()
  {
    std::array<unsigned char, 32> bytes = {};

    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    {
      throw Error(ErrorCode::Unavailable, "The kernel gives no random numbers");
    }

    std::string text;

    for (const unsigned char byte : bytes)
    {
      text += DIGITS[byte >> 4];
      text += DIGITS[byte & 15];
    }

    return text;
  }
}
