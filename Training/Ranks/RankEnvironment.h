// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace H3K27M::Ranks
{
  // Which of the processes of one training this one is, from the variables that launchers set: RANK, WORLD_SIZE,
  // MASTER_ADDR, MASTER_PORT and LOCAL_RANK, as torchrun names them.
  struct RankEnvironment
  {
    std::size_t rank = 0;  // of 0 .. size - 1; the first one writes
    std::size_t size = 1;
    std::string masterAddress;  // host name or address of the first process; empty when alone
    std::uint16_t masterPort = 0;

    // Without WORLD_SIZE: one process, whatever the others say. Throws Error(BadInput) naming the variable that is
    // missing or wrong.
    static RankEnvironment Read();

    // With LOCAL_RANK: leaves to this process the GPU of that index among those that it could see, so that the
    // processes of a machine do not share one. To be called before the first use of a GPU.
    static void ChooseOwnGpu();

    // For commands that one process runs. Throws Error(BadInput) when there are several.
    static void RequireOne(const std::string& command);
  };
}
