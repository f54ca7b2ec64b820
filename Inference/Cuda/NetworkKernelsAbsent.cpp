// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cuda/GraphCapture.h"
#include "Inference/Cuda/NetworkKernels.h"
#include "Inference/Protocol/Error.h"

// Compiled instead of NetworkKernels.cu and GraphCapture.cu where there was no nvcc. Nobody calls these then: who asks
// IsBuilt() (DeviceResampler.h) first leaves the network to LibTorch.
namespace H3K27M::Cuda
{
  namespace
  {
    [[noreturn]] void Refuse()
    {
      throw Error(ErrorCode::Unavailable, "This program was built without CUDA kernels", false);
    }
  }

  void Activate(void*, std::int64_t, std::int64_t, const Activation&, const KernelPlace&)
  {
    Refuse();
  }

  bool CanNormalise(std::int64_t) noexcept
  {
    return false;
  }

  void AddAndNormalise(const TokenBatch&, const TokenNorm&, void*, void*, const KernelPlace&)
  {
    Refuse();
  }

  void GatherStem(const void*, std::int64_t, std::int64_t, void*, const KernelPlace&)
  {
    Refuse();
  }

  void PoolStem(const StemMap&, void*, const KernelPlace&)
  {
    Refuse();
  }

  GraphCapture::GraphCapture(void*)
  {
    Refuse();
  }

  GraphCapture::~GraphCapture() = default;

  void GraphCapture::End()
  {
    Refuse();
  }

  void GraphCapture::Launch() const
  {
    Refuse();
  }
}
