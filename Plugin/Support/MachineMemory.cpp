// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/MachineMemory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace H3K27M::Support
{
  namespace
  {
    constexpr std::uint64_t UNLIMITED = std::numeric_limits<std::uint64_t>::max();

    // "max", or no such file in the group at the root: no limit here.
    std::uint64_t ReadLimit(const std::filesystem::path& group)
    {
      std::uint64_t bytes = 0;
      return std::ifstream(group / "memory.max") >> bytes ? bytes : UNLIMITED;
    }

    // "0::/system.slice/orthanc.service"; in a container with its own namespace "0::/".
    std::filesystem::path ReadGroup(const std::filesystem::path& root)
    {
      constexpr const char* UNIFIED = "0::/";
      std::ifstream file(root / "proc/self/cgroup");
      std::string line;

      while (std::getline(file, line))
      {
        if (line.starts_with(UNIFIED))
        {
          return line.substr(std::char_traits<char>::length(UNIFIED));
        }
      }

      return {};
    }
  }

  std::uint64_t GetMachineMemory(const std::filesystem::path& root)
  {
    const std::uint64_t machine =
      static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    std::filesystem::path group = root / "sys/fs/cgroup";
    std::uint64_t limit = std::min(machine, ReadLimit(group));

    // Each group holds what is below it, so the smallest limit on the way counts.
    for (const std::filesystem::path& name : ReadGroup(root))
    {
      group /= name;
      limit = std::min(limit, ReadLimit(group));
    }

    return limit;
  }
}
