// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Pipeline/SeriesReader.h"
#include "Plugin/Results/SaliencyWriter.h"
#include "Plugin/Volume/FrameDecoder.h"

#include <chrono>
#include <vector>

namespace H3K27M::Pipeline
{
  class Cancellation;
  class InstanceCache;

  // Decodes the slices of a series one after the other, sends them to the engine and waits for its answer. Thread-safe:
  // the members are shared read-only.
  class SeriesComputation
  {
  public:
    // The references must outlive this object. `limit` is for one series.
    SeriesComputation(Engine::IInferenceEngine& engine, Volume::IExternalDecoder& decoder, std::chrono::seconds limit);

    // What is asked, and of which engine: the result will bear the name of its model.
    struct Order
    {
      Engine::StudyRequest request;
      Engine::EngineInfo engine;
    };

    // `reading` of an accepted series. Throws Error(BadInput) when its pixels cannot be taken, Error(Cancelled) after
    // cancellation, Error(Busy, retry) when an engine that computes otherwise has taken the place of the one that the
    // order is for, and what the engine throws.
    Engine::StudyResult Run(const SeriesReading& reading, const Order& order, InstanceCache& files,
                            Cancellation& cancellation) const;

    // The slices that the engine has explained, decoded once more: grey from the 1st to the 99th percentile of each
    // slice. Throws Error(BadInput) when one cannot be read any more.
    std::vector<Results::SaliencySlice> ReadSalientSlices(const SeriesReading& reading,
                                                          const Engine::SaliencySlices& maps,
                                                          InstanceCache& files) const;

  private:
    void SendSlices(Engine::IStudySession& session, const SeriesReading& reading, InstanceCache& files,
                    Cancellation& cancellation) const;

    Engine::IInferenceEngine& engine_;
    Volume::FrameDecoder decoder_;
    std::chrono::seconds limit_;
  };
}
