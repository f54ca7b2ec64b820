// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace H3K27M::OrthancBinding
{
  // Everything below this path is ours.
  constexpr const char* REST_ROOT = "/h3k27m/";

  // Names and values side by side, as the SDK hands them over.
  struct HttpFields
  {
    std::uint32_t count;
    const char* const* names;
    const char* const* values;
  };

  // The core's request as ours, without its body. `url` is the full path, e.g. "/h3k27m/cases".
  Rest::Request ToRequest(const std::string& url, const OrthancPluginHttpRequest* request);

  // The body as the core holds it while the request lasts. It may be large: whoever copies it looks first whose it is.
  std::string_view GetBody(const OrthancPluginHttpRequest* request);

  // A request for one of the core's own routes, as a filter sees it: without its body, and `path` is the whole path.
  Rest::Request ToCoreRequest(OrthancPluginHttpMethod method, const char* path, const HttpFields& headers,
                              const HttpFields& query);

  // Of the whole path of a request, what is below REST_ROOT; nothing where the path is none of ours.
  std::optional<std::string> FindOwnPath(const std::string& corePath);

  // Sends an answer of ours through the core.
  void Send(OrthancPluginContext* context, OrthancPluginRestOutput* output, const Rest::Answer& answer);
}
