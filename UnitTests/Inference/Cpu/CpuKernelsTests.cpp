// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cpu/CpuKernels.h"
#include "Inference/Cpu/Lanes.h"
#include "Inference/Network/GenotypeNet.h"
#include "UnitTests/Inference/Network/ParityData.h"
#include "UnitTests/Inference/Network/TinyNetwork.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>

namespace H3K27M::Cpu
{
  namespace
  {
    using Testing::GetLargestDifference;
    constexpr double KERNELS_TOLERANCE = 2e-5;

    // Built without OpenMP, at::parallel_for() was a plain loop in our own functions, and one thread did all of their work.
    TEST(CpuKernels, HaveAllTheThreads)
    {
      const int before = torch::get_num_threads();
      torch::set_num_threads(3);
      std::mutex mutex;
      std::set<std::thread::id> threads;
      at::parallel_for(0, 3, 1, [&](std::int64_t, std::int64_t)
      {
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
      });
      torch::set_num_threads(before);
      EXPECT_EQ(3U, threads.size());
    }

    TEST(CpuKernels, LeaveTheNetworksAnswersAsTheyAre)
    {
      if (!HasLaneInstructions())
      {
        GTEST_SKIP() << "this processor has neither AVX2 nor FMA";
      }

      using Network::Variant;
      for (const Variant variant : {Variant::Classification, Variant::Parallel, Variant::Fusion})
      {
        Network::GenotypeNet network(Testing::MakeTinyOptions(variant));
        network->PrepareForInference();
        const torch::NoGradGuard noGrad;
        const torch::Tensor image = Testing::MakeTinyInput(3, 1, 32);
        const Network::GenotypeOutput before = network(image);
        UseKernels(*network, CpuKernels());
        const Network::GenotypeOutput after = network(image);
        EXPECT_LT(GetLargestDifference(before.cls_logits, after.cls_logits), KERNELS_TOLERANCE);
        EXPECT_LT(GetLargestDifference(before.signature, after.signature), KERNELS_TOLERANCE);
        // Of many numbers some are rounded otherwise; the few of cls_logits need not be.
        EXPECT_GT(GetLargestDifference(before.signature, after.signature), 0) << "nothing was replaced";

        if (before.seg_logits.defined())
        {
          EXPECT_LT(GetLargestDifference(before.seg_logits, after.seg_logits), 10 * KERNELS_TOLERANCE);
        }
      }
    }
  }
}
