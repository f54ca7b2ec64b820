// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Orthanc/InstallationName.h"
#include "Plugin/Orthanc/WebhookClient.h"
#include "Plugin/Rest/AccessPolicy.h"
#include "Plugin/Settings/Settings.h"

#include <orthanc/OrthancCPlugin.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace H3K27M::OrthancBinding
{
  // What the plugin reads of Orthanc's configuration: its own section, and the few keys of the core that it follows.
  // Read once during initialisation. Throws Error(BadInput) naming the key that is wrong.
  struct CoreConfiguration
  {
    Settings::Settings settings;  // with paths, work store and stable age filled in
    std::filesystem::path enginePath;
    std::filesystem::path modelFolder;
    std::filesystem::path runsFolder;
    std::filesystem::path uploadsFolder;     // of models
    std::string workStore;                   // connection string
    std::chrono::seconds stableAge{60};      // ours, or the core's
    std::chrono::seconds coreStableAge{60};  // after which the core tells of a stable study
    Rest::AccessPolicy::Core access;         // what the core lets in
    unsigned commitmentReports = 100;        // storage commitments that the core remembers; 0: all
    Installation installation;               // of which the owner is made once Orthanc has started
    std::string owner;                       // names this Orthanc in leases; the same after a restart

    HttpClientOptions http;  // of webhooks

    std::string dicomWebRoot = "/dicom-web/";  // of the DICOMweb plugin, where there is one

    static CoreConfiguration Read(OrthancPluginContext* context);
  };
}
