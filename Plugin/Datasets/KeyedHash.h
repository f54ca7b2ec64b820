// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Datasets
{
  // HMAC-SHA256 (RFC 2104), 64 lower-case hexadecimal digits: names a patient in a data set. Without the key nobody can
  // find out by trial which identity a name stands for; with it the same patient gets the same name each time.
  std::string ComputeKeyedHash(const std::string& key, const std::string& text);

  // A key of 256 random bits, hexadecimal, from the kernel. Throws Error(Unavailable).
  std::string MakeKey();
}
