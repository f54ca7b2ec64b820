// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/ProcessTuning.h"

#include <gtest/gtest.h>

namespace H3K27M::Testing
{
  // Loads LibTorch's CUDA half before the first test: LibTorch keeps what it finds when it is first asked about GPUs, by
  // whatever test that is, and the tests that need one would be skipped on a machine that has it. To be registered by
  // each file with such tests:
  //   const auto* const CUDA = testing::AddGlobalTestEnvironment(new CudaEnvironment);
  class CudaEnvironment : public testing::Environment
  {
  public:
    void SetUp() override
    {
      Predict::ProcessTuning::LoadCudaLibraries();
    }
  };
}
