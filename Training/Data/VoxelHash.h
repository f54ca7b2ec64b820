// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <filesystem>
#include <string>

namespace H3K27M::Data
{
  // SHA-256 of a NIfTI volume's sizes and voxels as a training reads them: equal for two files of the same voxels,
  // however they are compressed, ordered or typed, and whatever their headers say beside. Of a file that cannot be read
  // as a volume that of its bytes: whoever loads it says what is wrong. Throws as Sha256::OfFile() does.
  std::string HashVoxels(const std::filesystem::path& image);
}
