// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/MetricsReporter.h"

#include "Plugin/Support/Log.h"

#include <condition_variable>
#include <mutex>

namespace H3K27M::Pipeline
{
  namespace
  {
    constexpr std::chrono::seconds PERIOD(5);
  }

  MetricsReporter::MetricsReporter(WorkState::WorkStore& store, const Engine::IInferenceEngine& engine,
                                   const Support::IClock& clock, IMetrics& metrics) :
    store_(store),
    engine_(engine),
    clock_(clock),
    metrics_(metrics),
    thread_([this](const std::stop_token& stop) { Run(stop); })
  {
  }

  void MetricsReporter::Report()
  {
    const WorkState::TaskCounters counters = store_.GetCounters();

    for (const auto& [state, count] : counters.byState)
    {
      metrics_.Set(("h3k27m_tasks_" + std::string(ToString(state)) + "_count").c_str(), static_cast<double>(count));
    }

    const double waitingSeconds =
      counters.oldestWaitingSince == 0 ? 0 : static_cast<double>(clock_.NowMs() - counters.oldestWaitingSince) / 1000;
    metrics_.Set("h3k27m_oldest_waiting_seconds", waitingSeconds);

    const WorkState::DeliveryCounters deliveries = store_.GetDeliveries().Count();

    for (const auto& [state, count] : deliveries.byState)
    {
      metrics_.Set(("h3k27m_deliveries_" + std::string(ToString(state)) + "_count").c_str(),
                   static_cast<double>(count));
    }

    metrics_.Set("h3k27m_oldest_undelivered_seconds",
                 deliveries.oldestUnsent == 0 ? 0
                                              : static_cast<double>(clock_.NowMs() - deliveries.oldestUnsent) / 1000);

    const Engine::EngineStatus engine = engine_.GetStatus();
    metrics_.Set("h3k27m_engine_ready_bool", engine.state == Engine::EngineState::Ready ? 1 : 0);
    metrics_.Set("h3k27m_engine_starts_count", static_cast<double>(engine.starts));
    metrics_.Set("h3k27m_engine_rss_bytes", static_cast<double>(engine.rssBytes));
    metrics_.Set("h3k27m_engine_peak_rss_bytes", static_cast<double>(engine.peakRssBytes));
    metrics_.Set("h3k27m_engine_batches_count", static_cast<double>(engine.progress));
  }

  void MetricsReporter::Run(const std::stop_token& stop)
  {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);

    do
    {
      try
      {
        Report();
      }
      catch (const std::exception& e)
      {
        Support::Log::Warning(std::string("metrics: ") + e.what());
      }
    } while (!wake.wait_for(lock, stop, PERIOD, [&stop] { return stop.stop_requested(); }));
  }
}
