// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/ProcessTuning.h"

#include <dlfcn.h>
#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

namespace H3K27M::Predict
{
  namespace
  {
    std::string LoadCuda()
    {
      if (::access("/dev/nvidiactl", F_OK) != 0 && ::access("/dev/dxg", F_OK) != 0)
      {
        return "this machine has no NVIDIA device";
      }
      if (::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr)
      {
        const char* reason = ::dlerror();
        return std::string("LibTorch's CUDA half does not load: ") + (reason == nullptr ? "no reason given" : reason);
      }
      return "";
    }

    // "max 100000" or "150000 100000": quota and period in microseconds (control groups, version 2).
    double ReadProcessorQuota()
    {
      std::ifstream file("/sys/fs/cgroup/cpu.max");
      double quota = 0;
      double period = 0;
      return file >> quota >> period && period > 0 ? quota / period : std::numeric_limits<double>::infinity();
    }
  }

  void ProcessTuning::KeepFreedMemory() noexcept
  {
#if defined(__GLIBC__)
    constexpr int NEVER = std::numeric_limits<int>::max();
    ::mallopt(M_MMAP_THRESHOLD, NEVER);
    ::mallopt(M_TRIM_THRESHOLD, NEVER);
    ::mallopt(M_TOP_PAD, 64 << 20);
    // Arenas of other threads cannot hold blocks of more than 64 MiB and would fall back to mapping.
    ::mallopt(M_ARENA_MAX, 1);
#endif
  }

  void ProcessTuning::ReleaseFreedMemory() noexcept
  {
#if defined(__GLIBC__)
    ::malloc_trim(0);
#endif
  }

  unsigned int ProcessTuning::GetUsableProcessors()
  {
    unsigned int count = std::thread::hardware_concurrency();
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof(set), &set) == 0)
    {
      count = static_cast<unsigned int>(CPU_COUNT(&set));
    }
    const double quota = ReadProcessorQuota();
    if (quota < count)
    {
      count = static_cast<unsigned int>(std::ceil(quota));
    }
    return std::max(1U, count);
  }

  unsigned int ProcessTuning::SettleThreads(unsigned int threads)
  {
    return threads == 0 ? GetUsableProcessors() : threads;
  }

  const std::string& ProcessTuning::LoadCudaLibraries()
  {
    static const std::string REASON = LoadCuda();
    return REASON;
  }

  std::uint64_t ProcessTuning::GetResidentBytes()
  {
    std::ifstream file("/proc/self/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    return file >> total >> resident ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
  }

  std::uint64_t ProcessTuning::GetPeakResidentBytes()
  {
    rusage usage{};
    return ::getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_maxrss) * 1024 : 0;
  }

  bool ProcessTuning::HasBFloat16Arithmetic()
  {
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    while (std::getline(file, line))
    {
      if (line.starts_with("flags"))
      {
        return line.find(" avx512_bf16") != std::string::npos || line.find(" amx_bf16") != std::string::npos;
      }
    }
    return false;
  }
}
