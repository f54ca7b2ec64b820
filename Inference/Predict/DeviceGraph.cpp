// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/DeviceGraph.h"

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#if defined(H3K27M_CUDA_GRAPHS)
#include <c10/cuda/CUDACachingAllocator.h>
#include <torch/version.h>
#endif

#include <atomic>

namespace H3K27M::Predict
{
  namespace
  {
    c10::Stream TakeStream(torch::Device device)
    {
      return c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device, false);
    }

    // LibTorch's own graphs count theirs from 1.
    std::pair<std::uint64_t, std::uint64_t> NamePool()
    {
      static std::atomic<std::uint64_t> next{std::uint64_t{1} << 48};
      return {0, next++};
    }

#if defined(H3K27M_CUDA_GRAPHS)
    // Its methods are virtual: they are reached without linking LibTorch's CUDA half, which is loaded at run time only.
    c10::cuda::CUDACachingAllocator::CUDAAllocator* GetAllocator()
    {
      return static_cast<c10::cuda::CUDACachingAllocator::CUDAAllocator*>(c10::GetAllocator(torch::kCUDA));
    }

    // What the stream allocates comes from the pool, until the end of the scope.
    class PoolInUse
    {
    public:
      PoolInUse(torch::Device device, std::pair<std::uint64_t, std::uint64_t> pool, void* stream) :
        device_(device),
        pool_(pool)
      {
        GetAllocator()->beginAllocateToPool(device.index(), pool, [stream](cudaStream_t asking)
        { return static_cast<void*>(asking) == stream; });
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 15
        GetAllocator()->markCaptureBegin(device.index());
#endif
      }

      PoolInUse(const PoolInUse&) = delete;
      PoolInUse& operator=(const PoolInUse&) = delete;

      ~PoolInUse()
      {
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 15
        GetAllocator()->markCaptureEnd(device_.index());
#endif
        GetAllocator()->endAllocateToPool(device_.index(), pool_);
      }

    private:
      torch::Device device_;
      std::pair<std::uint64_t, std::uint64_t> pool_;
    };
#endif
  }

  DeviceGraph::DeviceGraph(torch::Device device) :
    device_(device),
    stream_(TakeStream(device)),
    pool_(NamePool())
  {
  }

#if defined(H3K27M_CUDA_GRAPHS)
  std::unique_ptr<DeviceGraph> DeviceGraph::TryRecord(torch::Device device, const std::function<void()>& work)
  {
    if (GetAllocator() == nullptr)
    {
      return nullptr;
    }
    std::unique_ptr<DeviceGraph> graph(new DeviceGraph(device));
    graph->Record(work);
    return graph;
  }

  void DeviceGraph::Record(const std::function<void()>& work)
  {
    const c10::StreamGuard guard(stream_);
    work();
    work();
    stream_.synchronize();
    void* const stream = stream_.native_handle();
    const PoolInUse inUse(device_, pool_, stream);
    hasPool_ = true;
    graph_ = std::make_unique<Cuda::GraphCapture>(stream);
    work();
    graph_->End();
  }

  DeviceGraph::~DeviceGraph()
  {
    graph_.reset();
    if (hasPool_)
    {
      GetAllocator()->releasePool(device_.index(), pool_);
    }
  }
#else
  std::unique_ptr<DeviceGraph> DeviceGraph::TryRecord(torch::Device, const std::function<void()>&)
  {
    return nullptr;
  }

  void DeviceGraph::Record(const std::function<void()>&)
  {
  }

  DeviceGraph::~DeviceGraph() = default;
#endif

  void DeviceGraph::Replay() const
  {
    graph_->Launch();
    stream_.synchronize();
  }
}
