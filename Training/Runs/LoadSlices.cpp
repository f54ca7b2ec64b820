// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/LoadSlices.h"

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::size_t VOLUMES_PER_EVENT = 50;  // volumes

    Data::SliceDatasetOptions MakeDatasetOptions(const RunConfig& config, unsigned int threads)
    {
      Data::SliceDatasetOptions options;
      options.inputSize = static_cast<std::size_t>(config.network.inputSize);
      options.threads = threads;
      options.framing = config.framing;
      return options;
    }

    // The sink must outlive it.
    std::function<void(std::size_t)> TellVolumes(const EventSink& onEvent, std::size_t count)
    {
      return [&onEvent, count](std::size_t done)
      {
        if (done % VOLUMES_PER_EVENT == 0 || done == count)
        {
          Json::Value event;
          event["event"] = "data";
          event["done"] = Json::UInt64{done};
          event["of"] = Json::UInt64{count};
          onEvent(event);
        }
      };
    }
  }

  Data::SliceDataset LoadSlices(const Data::ICaseSource& source, const RunConfig& config, unsigned int threads,
                                const EventSink& onEvent)
  {
    return Data::SliceDataset(source, MakeDatasetOptions(config, threads), TellVolumes(onEvent, source.GetCount()));
  }

  void CheckSlices(const Data::ICaseSource& source, const RunConfig& config, unsigned int threads,
                   const EventSink& onEvent)
  {
    Data::CheckCases(source, MakeDatasetOptions(config, threads), TellVolumes(onEvent, source.GetCount()));
  }
}
