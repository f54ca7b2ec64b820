// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Cpu/Lanes.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstdint>

namespace H3K27M::Testing
{
  // Of what only a processor with the instructions can run: skipped elsewhere. Each test begins with the same random
  // numbers.
  class LaneTest : public testing::Test
  {
  protected:
    explicit LaneTest(std::uint64_t seed) :
      seed_(seed)
    {
    }

    void SetUp() override
    {
      if (!Cpu::HasLaneInstructions())
      {
        GTEST_SKIP() << "this processor has neither AVX2 nor FMA";
      }

      torch::manual_seed(seed_);
    }

  private:
    std::uint64_t seed_;
  };
}
