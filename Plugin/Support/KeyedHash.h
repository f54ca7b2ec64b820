// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Support
{
  // HMAC-SHA256 (RFC 2104), 64 lower-case hexadecimal digits: names a patient in a data set, signs a webhook. Without
  // the key nobody can find out by trial which text it stands for; with it the same text gives the same digits.
  std::string ComputeKeyedHash(const std::string& key, const std::string& text);

  // A key of 256 random bits, hexadecimal, from the kernel. Throws Error(Unavailable).
  std::string MakeKey();
}
