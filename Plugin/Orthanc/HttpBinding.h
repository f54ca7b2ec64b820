// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"

#include <orthanc/OrthancCPlugin.h>

#include <cstdint>
#include <string>

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

  // The core's request as ours. `url` is the full path, e.g. "/h3k27m/cases".
  Rest::Request ToRequest(const std::string& url, const OrthancPluginHttpRequest* request);

  // A request for one of the core's own routes, as a filter sees it: without its body, and `path` is the whole path.
  Rest::Request ToCoreRequest(OrthancPluginHttpMethod method, const char* path, const HttpFields& headers,
                              const HttpFields& query);

  // Whether a filter sees a multipart form that is posted to us. The core would take it apart and call us once for each
  // part, with the headers that stand in the part, and no others: user, origin and content type would be what its
  // sender wrote there.
  bool IsMultipartForUs(const Rest::Request& coreRequest);

  // Sends an answer of ours through the core.
  void Send(OrthancPluginContext* context, OrthancPluginRestOutput* output, const Rest::Answer& answer);
}
