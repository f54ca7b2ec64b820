// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>

namespace H3K27M::Predict
{
  // Settings of the whole process; called by main() before any thread exists.
  class ProcessTuning
  {
  public:
    // Keeps freed memory in the process: glibc otherwise maps every activation of the network afresh and hands it back,
    // and the kernel zeroes it again, which costs up to half of the time. Does nothing with another C library.
    static void KeepFreedMemory() noexcept;

    // Hands back what KeepFreedMemory() kept: after an unusually large study.
    static void ReleaseFreedMemory() noexcept;

    // Processors that this process may use: its affinity, and the quota of its control group where there is one.
    static unsigned int GetUsableProcessors();

    // What an option "threads" asks for: 0 is all of these.
    static unsigned int SettleThreads(unsigned int threads);

    // Why the GPU half of LibTorch is not there, or empty when it is: loads libtorch_cuda.so, which lies beside the CPU
    // half where LibTorch was installed with CUDA. Must come before anything else asks LibTorch about CUDA.
    static const std::string& LoadCudaLibraries();

    // Resident memory of this process, now and at most. 0 where the system does not say.
    static std::uint64_t GetResidentBytes();
    static std::uint64_t GetPeakResidentBytes();

    // Whether the processor multiplies bf16 itself (avx512_bf16 or AMX): without it bf16 is slower than fp32.
    static bool HasBFloat16Arithmetic();
  };
}
