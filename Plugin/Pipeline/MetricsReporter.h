// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Pipeline/IMetrics.h"
#include "Plugin/WorkState/WorkStore.h"

#include <thread>

namespace H3K27M::Pipeline
{
  // Writes the figures of queue and engine every few seconds, from a thread of its own, until it is destroyed.
  class MetricsReporter
  {
  public:
    // The references must outlive this object.
    MetricsReporter(WorkState::WorkStore& store, const Engine::IInferenceEngine& engine, const Support::IClock& clock,
                    IMetrics& metrics);

    MetricsReporter(const MetricsReporter&) = delete;
    MetricsReporter& operator=(const MetricsReporter&) = delete;

    ~MetricsReporter() = default;

    // One round; called by the thread, and by tests.
    void Report();

  private:
    void Run(const std::stop_token& stop);

    WorkState::WorkStore& store_;
    const Engine::IInferenceEngine& engine_;
    const Support::IClock& clock_;
    IMetrics& metrics_;
    std::jthread thread_;  // last: joined before what it uses goes
  };
}
