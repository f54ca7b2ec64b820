// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/MachineMemory.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace H3K27M::Testing
{
  class MachineMemoryTests : public ::testing::Test
  {
  protected:
    void Write(const std::string& path, const std::string& text) const
    {
      const std::filesystem::path file = folder_.GetPath() / path;
      std::filesystem::create_directories(file.parent_path());
      std::ofstream(file) << text << "\n";
    }

    std::uint64_t Get() const
    {
      return Support::GetMachineMemory(folder_.GetPath());
    }

    TemporaryFolder folder_;
  };

  TEST_F(MachineMemoryTests, IsTheMachinesWhereNoControlGroupSaysLess)
  {
    const std::uint64_t machine = Get();
    EXPECT_GT(machine, std::uint64_t{100} << 20);
    Write("proc/self/cgroup", "0::/system.slice/orthanc.service");
    Write("sys/fs/cgroup/system.slice/memory.max", "max");
    Write("sys/fs/cgroup/system.slice/orthanc.service/memory.max", "max");
    EXPECT_EQ(machine, Get());
    Write("sys/fs/cgroup/memory.max", "99999999999999999");
    EXPECT_EQ(machine, Get());
  }

  TEST_F(MachineMemoryTests, IsTheSmallestLimitOfAllGroupsThatHoldTheProcess)
  {
    Write("proc/self/cgroup", "12:memory:/elsewhere\n0::/system.slice/orthanc.service");
    Write("sys/fs/cgroup/system.slice/memory.max", "3000000");
    Write("sys/fs/cgroup/system.slice/orthanc.service/memory.max", "5000000");
    EXPECT_EQ(3000000u, Get());
    Write("sys/fs/cgroup/system.slice/orthanc.service/memory.max", "2000000");
    EXPECT_EQ(2000000u, Get());
  }

  TEST_F(MachineMemoryTests, IsTheContainersWhereItSeesOnlyItsOwnGroup)
  {
    Write("proc/self/cgroup", "0::/");
    Write("sys/fs/cgroup/memory.max", "1000000");
    EXPECT_EQ(1000000u, Get());
  }
}
