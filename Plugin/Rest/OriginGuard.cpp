// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/OriginGuard.h"

#include <algorithm>
#include <string_view>

namespace H3K27M::Rest
{
  namespace
  {
    // "http://pacs:8042" -> "pacs:8042"
    std::string_view GetAuthority(std::string_view origin)
    {
      const std::size_t scheme = origin.find("://");
      return scheme == std::string_view::npos ? origin : origin.substr(scheme + 3);
    }
  }

  std::optional<Answer> RefuseForeignOrigin(const Request& request, const std::vector<std::string>& contentTypes)
  {
    // An image in a foreign page has neither an Origin nor a pre-flight request, and Orthanc makes a DELETE of its GET.
    if (request.query.contains("_method") || request.headers.contains("x-http-method-override"))
    {
      return Answer::FromError(request, 403, "Requests that change something are refused where their method is faked");
    }

    const std::string origin = request.GetHeader("origin");
    const std::string host =
      request.GetHeader("x-forwarded-host").empty() ? request.GetHeader("host") : request.GetHeader("x-forwarded-host");

    if (!origin.empty() && GetAuthority(origin) != host)
    {
      return Answer::FromError(request, 403, "Requests that change something are refused from pages of another origin");
    }

    if (contentTypes.empty() ||
        std::find(contentTypes.begin(), contentTypes.end(), request.GetContentType()) != contentTypes.end())
    {
      return std::nullopt;
    }

    std::string wanted;

    for (const std::string& contentType : contentTypes)
    {
      wanted += (wanted.empty() ? "" : ", ") + contentType;
    }

    return Answer::FromError(request, 415, "The body must be sent as Content-Type: " + wanted);
  }
}
