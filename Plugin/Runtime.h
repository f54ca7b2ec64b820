// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Orthanc/CoreConfiguration.h"
#include "Plugin/Rest/Http.h"

#include <future>
#include <memory>
#include <string_view>

namespace H3K27M
{
  // Owns every part of the plugin, starts them in the order of the data path once Orthanc has started, and stops them
  // in reverse. Created during initialisation, when nothing of the core may be used yet; Start() returns at once (the
  // database may be slow), Stop() waits for ten seconds at most and leaves the rest to the destructor: the core holds
  // the mutex of its changes meanwhile, which up to Orthanc 1.12.1 each job needs that begins or ends, so that a thread
  // of ours that looks at a job would never come back. The other methods may be called from any thread at any time,
  // also before Start() and after Stop(): routes outlive OrthancStopped and answer 503 then. None of them throws.
  class Runtime
  {
  public:
    Runtime(OrthancPluginContext* context, OrthancBinding::CoreConfiguration configuration);

    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    ~Runtime();

    void Start() noexcept;
    void Stop() noexcept;

    void OnStableStudy(const char* studyId) noexcept;
    void OnDeletedStudy(const char* studyId) noexcept;
    void OnDeletedSeries(const char* seriesId) noexcept;

    // See Router::Handle().
    Rest::Answer Handle(const Rest::Request& request, std::string_view body) noexcept;

    // Whether a request to Orthanc may pass, before its body is read; `path` is the whole path. Of Orthanc's own routes
    // only for jobs that show a run the answer may be no: what changes one is for whom the run itself is. Of ours, for
    // bodies: Router::AdmitsBody().
    bool Admits(const Rest::Request& request) noexcept;

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
    std::future<void> stopping_;  // last: waited for before what it stops goes
  };
}
