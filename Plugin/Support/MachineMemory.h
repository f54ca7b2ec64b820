// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <filesystem>

namespace H3K27M::Support
{
  // Bytes of memory that this process and its children may have: the machine's, or less where a control group (a
  // container, a systemd unit with MemoryMax) says so. `root` stands before /proc and /sys. Reads cgroup v2 (Linux 4.5;
  // what Debian 12 mounts); a limit of v1 is not seen.
  std::uint64_t GetMachineMemory(const std::filesystem::path& root = "/");
}
