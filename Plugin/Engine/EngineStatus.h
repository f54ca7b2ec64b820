// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace H3K27M::Engine
{
  enum class EngineState
  {
    Stopped,   // not started yet, or stopped with the plugin
    Starting,  // spawned; loads its model and tests itself
    Ready,
    Waiting,  // it failed; the next start comes after a delay
    GivenUp   // it failed too often in a row: the next start comes after a long delay, or EngineSupervisor::Restart()
  };

  // "stopped", "starting", "ready", "waiting", "given-up": the names in REST.
  std::string_view ToString(EngineState state) noexcept;

  // What the engine said of itself in `hello`, after its self-test.
  struct EngineInfo
  {
    std::string engineVersion;
    std::string libtorchVersion;
    std::string cudaVersion;  // of the GPU's runtime; empty on the CPU
    std::string device;       // "cpu", "cuda:0 NAME"
    std::string deviceKind;   // "cpu" | "cuda"
    std::string precision;    // "fp32" | "bf16" | ...
    unsigned threads = 0;
    Json::Value model;      // the model's card
    std::string modelHash;  // SHA-256 of the weights file, hexadecimal
    Json::Value selfTest;   // {max_abs_difference, passed}

    // Whether its results are those of the other: the same release with the same model on the same kind of device.
    bool ComputesAs(const EngineInfo& other) const;
  };

  // Reads the metadata `info` of `hello`. Throws Error(BadInput) naming what is missing or wrong.
  EngineInfo ParseEngineInfo(const Json::Value& json);

  // Snapshot for /h3k27m/status and metrics.
  struct EngineStatus
  {
    EngineState state = EngineState::Stopped;
    int pid = 0;                     // 0: none
    std::optional<EngineInfo> info;  // of the running engine; none while there is none
    std::uint64_t starts = 0;        // since the plugin started
    unsigned failuresInARow = 0;
    std::string lastError;        // why the last engine ended; empty when none did
    double nextStartSeconds = 0;  // while IsPausing(): time to the next start
    double uptimeSeconds = 0;     // Ready: since `hello`
    std::uint64_t rssBytes = 0;   // resident set of the engine, from its heartbeats
    std::uint64_t peakRssBytes = 0;
    std::uint64_t progress = 0;  // batches finished by this engine
    std::string busy;            // id of the request that it works on; empty when idle
    std::size_t openRequests = 0;

    bool IsPausing() const noexcept
    {
      return state == EngineState::Waiting || state == EngineState::GivenUp;
    }
  };

  Json::Value ToJson(const EngineStatus& status);
}
