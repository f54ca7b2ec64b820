// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cuda/GraphCapture.h"

#include "Inference/Cuda/DeviceBuffer.h"

#include <cuda_runtime.h>

namespace H3K27M::Cuda
{
  GraphCapture::GraphCapture(void* stream) :
    stream_(stream)
  {
    CheckCuda(cudaStreamBeginCapture(static_cast<cudaStream_t>(stream), cudaStreamCaptureModeThreadLocal),
              "begin of a graph");
  }

  GraphCapture::~GraphCapture()
  {
    if (executable_)
    {
      return;
    }
    cudaGraph_t broken = nullptr;  // an exception left the capture open
    if (IsSuccess(cudaStreamEndCapture(static_cast<cudaStream_t>(stream_), &broken)) && broken != nullptr)
    {
      IsSuccess(cudaGraphDestroy(broken));
    }
  }

  void GraphCapture::End()
  {
    cudaGraph_t graph = nullptr;
    CheckCuda(cudaStreamEndCapture(static_cast<cudaStream_t>(stream_), &graph), "end of a graph");
    cudaGraphExec_t executable = nullptr;
    const cudaError_t status = cudaGraphInstantiate(&executable, graph, 0);
    IsSuccess(cudaGraphDestroy(graph));
    CheckCuda(status, "making of a graph");
    executable_.reset(executable, [](cudaGraphExec_t made) { IsSuccess(cudaGraphExecDestroy(made)); });
  }

  void GraphCapture::Launch() const
  {
    CheckCuda(cudaGraphLaunch(static_cast<cudaGraphExec_t>(executable_.get()), static_cast<cudaStream_t>(stream_)),
              "start of a graph");
  }
}
