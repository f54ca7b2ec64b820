// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>

namespace H3K27M::Volume
{
  // A file in Deflated Explicit VR Little Endian (PS3.5 section A.5), rewritten as Explicit VR Little Endian for our
  // own reader; any other file comes back as it is. The dataset may inflate to `maxBytes` at most: a file that would
  // grow beyond, or is no deflated stream, also comes back as it is, and DicomReader refuses it by its syntax.
  std::string InflateIfDeflated(std::string file, std::uint64_t maxBytes);
}
