// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>
#include <map>
#include <string>

namespace H3K27M::OrthancBinding
{
  // What Orthanc's configuration says of HTTP requests to others; empty texts: libcurl's own defaults.
  struct HttpClientOptions
  {
    bool verifiesPeers = true;  // HttpsVerifyPeers
    std::string certificates;   // HttpsCACertificates, a file
    std::string proxy;          // HttpProxy
  };

  // HTTP POST of JSON by libcurl, which Orthanc brings with it. Not by the core's own client: that follows redirections
  // (OrthancPluginHttpClient, up to 1.12 at least), so that a result would go to where nobody configured it to, or
  // count as delivered because the page of a login answered. Thread-safe.
  class WebhookClient
  {
  public:
    explicit WebhookClient(HttpClientOptions options);

    // Returns the status of the address itself, 301 for a redirection; what it answers is not looked at. Only http and
    // https. Throws Error(Unavailable), without the address, which may hold a secret, where there is no answer.
    unsigned Post(const std::string& url, const std::map<std::string, std::string>& headers, const std::string& body,
                  std::chrono::seconds limit) const;

  private:
    const HttpClientOptions options_;
  };
}
