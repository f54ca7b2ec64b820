// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Settings/AccessSettings.h"
#include "Plugin/Settings/DeliverySettings.h"
#include "Plugin/Settings/RoutingSettings.h"

#include <cstdint>
#include <optional>
#include <string>

namespace H3K27M::Settings
{
  enum class TriageMode
  {
    On,
    Shadow,  // everything is computed and recorded, nothing is stored in the PACS
    Off      // nothing is computed unless asked for over REST
  };

  enum class DevicePreference
  {
    Auto,  // CUDA when there is a device, CPU otherwise
    Cpu,
    Cuda
  };

  enum class EnginePriority
  {
    Normal,
    Low,  // nice 10
    Idle  // SCHED_IDLE
  };

  enum class CandidateChoice
  {
    Best,
    All
  };

  enum class SaliencyChoice
  {
    None,
    Key,  // the slice that counts for the genotype and shows most tumour
    All   // each that counts
  };

  enum class ReportTitle
  {
    Oncology,
    Imaging
  };

  // The most that "MaxTrainings" may be: so many workers may have left runs at an earlier start.
  constexpr unsigned MAX_TRAININGS = 16;

  // Section "Limits": what is larger is refused with a reason before memory is taken.
  struct LimitSettings
  {
    std::uint64_t minSlices = 1;    // of a series
    std::uint64_t maxSlices = 600;  // at most 1024, as the engine
    std::uint64_t maxRows = 2048;   // at most 4096, as the engine
    std::uint64_t maxColumns = 2048;
    std::uint64_t maxFrames = 2000;       // of one instance
    std::uint64_t maxBytes = 1073741824;  // a series at 4 bytes a voxel, and one file as it is stored

    bool operator==(const LimitSettings&) const = default;
  };

  // Section "H3K27M" of orthanc.json, read once. Immutable by convention: everybody gets a const reference.
  // Every option is described in Resources/Configuration.json, which a test compares with these defaults.
  struct Settings
  {
    TriageMode triage = TriageMode::On;

    // Engine
    std::string enginePath;   // empty: "h3k27m" beside the plugin, then ../bin
    std::string modelFolder;  // empty: the demonstration model installed with the plugin
    DevicePreference device = DevicePreference::Auto;
    std::string precision = "auto";  // auto | fp32 | bf16 | fp16
    unsigned threads = 0;            // 0..256; 0: the engine chooses
    EnginePriority enginePriority = EnginePriority::Low;
    std::optional<std::uint64_t> engineMemoryMiB;  // of each engine process; 0: no limit; none: 3/4 of the machine's
    unsigned startLimitSeconds = 180;              // spawn to `hello`
    unsigned heartbeatTimeoutSeconds = 15;
    unsigned progressTimeoutSeconds = 120;  // busy, and not one batch further
    unsigned maxEngineFailures = 6;         // in a row, then it is given up

    // Work
    unsigned concurrentStudies = 2;      // 1..16
    unsigned studyTimeoutSeconds = 900;  // from claim to stored result
    unsigned leaseSeconds = 60;          // a worker that shows no sign of life for so long has lost its study
    unsigned maxAttempts = 3;
    unsigned maxInterruptions = 10;            // Orthanc killed while the study was worked on
    unsigned retryDelaySeconds = 30;           // doubled with each attempt
    std::optional<unsigned> stableAgeSeconds;  // none: Orthanc's own StableAge
    unsigned reconcileHours = 24;              // 0: never
    std::string workStore;                     // empty: SQLite file beside Orthanc's index

    // Models that come in and go out over REST
    std::string modelsFolder;                     // empty: h3k27m-models beside Orthanc's index
    std::uint64_t maxModelBytes = 1'073'741'824;  // of an upload, of what it inflates to, of a download; 1..2^31 - 1

    // Runs: trainings and experiments
    std::string runsFolder;        // empty: h3k27m-runs beside Orthanc's index
    unsigned trainingThreads = 0;  // 0..256; 0: the engine chooses
    unsigned maxTrainings = 1;     // 1..MAX_TRAININGS, at once, over all Orthancs that share the work store

    // Decision
    CandidateChoice candidates = CandidateChoice::Best;
    bool allowPhantoms = false;                  // synthetic studies and images of phantoms are candidates
    bool phantomsRoute = false;                  // POST /h3k27m/phantoms puts synthetic studies into the PACS
    std::optional<double> threshold;             // 0..1, altered only when strictly greater; none: as the card says
    std::optional<double> minimumTumourAreaMm2;  // none: as the model's card says
    double minimumTypicality = 0.02;             // 0..1: below it no genotype is stated; 0: it always is
    RoutingSettings routing;
    LimitSettings limits;
    AccessSettings access;
    DeliverySettings delivery;

    // Results
    ReportTitle srTitle = ReportTitle::Oncology;
    SaliencyChoice saliency = SaliencyChoice::Key;
    std::string viewer;  // address of a study in a web viewer, with {StudyInstanceUID}; empty: none
    bool operator==(const Settings&) const = default;
  };

  std::string ToString(TriageMode mode);
}
