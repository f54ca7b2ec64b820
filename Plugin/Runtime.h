// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Orthanc/CoreConfiguration.h"
#include "Plugin/Rest/Http.h"

#include <memory>

namespace H3K27M
{
  // Owns every part of the plugin, starts them in the order of the data path once Orthanc has started, and stops them
  // in reverse. Created during initialisation, when nothing of the core may be used yet; Start() returns at once (the
  // database may be slow), Stop() waits. The other methods may be called from any thread at any time, also before
  // Start() and after Stop(): routes outlive OrthancStopped and answer 503 then. None of them throws.
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

    Rest::Answer Handle(const Rest::Request& request) noexcept;

  private:
    class Parts;

    class Implementation;
    std::unique_ptr<Implementation> implementation_;
  };
}
