// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>
#include <orthanc/OrthancCPlugin.h>

#include <optional>
#include <span>
#include <string>

namespace H3K27M::OrthancBinding
{
  // Calls the core's own REST API from inside the process (no HTTP, no authentication). Thread-safe.
  // Empty results mean "no such resource"; every other failure throws Error(Unavailable) with the URI.
  class RestClient
  {
  public:
    explicit RestClient(OrthancPluginContext* context) noexcept :
      context_(context)
    {
    }

    std::optional<Json::Value> Get(const std::string& uri) const;

    Json::Value Post(const std::string& uri, const Json::Value& body) const;
    Json::Value Post(const std::string& uri, std::span<const char> body) const;

    // A route of another plugin. Throws Error(NotFound) when none answers there.
    Json::Value PostToPlugin(const std::string& uri, const Json::Value& body) const;

    // False when the resource was not there.
    bool Delete(const std::string& uri) const;

    OrthancPluginContext* GetContext() const noexcept
    {
      return context_;
    }

  private:
    OrthancPluginContext* context_;
  };
}
