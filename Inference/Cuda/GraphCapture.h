// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <memory>

namespace H3K27M::Cuda
{
  // What is put on a stream between the constructor and End(), kept as a graph that is started as one: some 200 kernels
  // of a small batch otherwise wait for the host more than they compute. The memory that they use must stay theirs.
  // Throws Error(Internal) with CUDA's text.
  class GraphCapture
  {
  public:
    // `stream`: a cudaStream_t, not the default one. What is put on it from here on is not run.
    explicit GraphCapture(void* stream);

    GraphCapture(const GraphCapture&) = delete;
    GraphCapture& operator=(const GraphCapture&) = delete;

    ~GraphCapture();

    void End();

    // After End(): on the same stream, returns at once.
    void Launch() const;

  private:
    void* stream_ = nullptr;
    std::shared_ptr<void> executable_;  // null while capturing
  };
}
