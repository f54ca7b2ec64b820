// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Delivery/ITransport.h"
#include "Plugin/Orthanc/RestClient.h"
#include "Plugin/Orthanc/WebhookClient.h"

#include <string>

namespace H3K27M::OrthancBinding
{
  // ITransport over the core's own jobs (C-STORE, peers, DICOMweb) and its storage commitment, and a client of our own
  // for webhooks, with the certificates and proxies that Orthanc is configured with. Stateless, so thread-safe.
  class OrthancTransport : public Delivery::ITransport
  {
  public:
    // `dicomWebRoot`: of the DICOMweb plugin, with a slash at both ends.
    OrthancTransport(OrthancPluginContext* context, std::string dicomWebRoot, HttpClientOptions http);

    std::string StartStore(const Settings::DeliveryRuleSettings& rule,
                           const std::vector<std::string>& resources) override;
    Delivery::Progress LookAtJob(const std::string& job) override;
    void CancelJob(const std::string& job) override;
    std::string RequestCommitment(const std::string& modality, const std::vector<std::string>& resources) override;
    Delivery::Progress LookAtCommitment(const std::string& transaction) override;
    unsigned Post(const std::string& url, const std::map<std::string, std::string>& headers, const std::string& body,
                  std::chrono::seconds limit) override;

  private:
    RestClient rest_;
    const std::string dicomWebRoot_;
    const WebhookClient webhooks_;
  };
}
