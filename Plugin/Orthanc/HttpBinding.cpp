// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/HttpBinding.h"

#include "Plugin/Rest/PathSegments.h"
#include "Plugin/Support/LowerCase.h"

#include <cstring>
#include <vector>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    Rest::Method ToMethod(OrthancPluginHttpMethod method)
    {
      switch (method)
      {
        case OrthancPluginHttpMethod_Post:
          return Rest::Method::Post;
        case OrthancPluginHttpMethod_Put:
          return Rest::Method::Put;
        case OrthancPluginHttpMethod_Delete:
          return Rest::Method::Delete;
        default:
          return Rest::Method::Get;
      }
    }

    // Names of headers in lower case; the core leaves that to whoever reads them.
    void Copy(const HttpFields& headers, const HttpFields& query, Rest::Request& request)
    {
      for (std::uint32_t i = 0; i < headers.count; i++)
      {
        request.headers[Support::ToLower(headers.names[i])] = headers.values[i];
      }

      for (std::uint32_t i = 0; i < query.count; i++)
      {
        request.query[query.names[i]] = query.values[i];
      }
    }
  }

  Rest::Request ToRequest(const std::string& url, const OrthancPluginHttpRequest* source)
  {
    Rest::Request request;
    request.method = ToMethod(source->method);
    request.path = url.size() > std::strlen(REST_ROOT) ? url.substr(std::strlen(REST_ROOT)) : std::string();
    Copy({source->headersCount, source->headersKeys, source->headersValues},
         {source->getCount, source->getKeys, source->getValues}, request);
    return request;
  }

  std::string_view GetBody(const OrthancPluginHttpRequest* source)
  {
    return source->bodySize == 0 ? std::string_view()
                                 : std::string_view(static_cast<const char*>(source->body), source->bodySize);
  }

  Rest::Request ToCoreRequest(OrthancPluginHttpMethod method, const char* path, const HttpFields& headers,
                              const HttpFields& query)
  {
    Rest::Request request;
    request.method = ToMethod(method);
    request.path = path;
    Copy(headers, query, request);
    return request;
  }

  std::optional<std::string> FindOwnPath(const std::string& corePath)
  {
    const std::vector<std::string> path = Rest::SplitPath(corePath);

    if (path.empty() || path.front() != Rest::SplitPath(REST_ROOT).front())
    {
      return std::nullopt;
    }

    std::string below;

    for (std::size_t i = 1; i < path.size(); i++)
    {
      below.append(i == 1 ? "" : "/").append(path[i]);
    }

    return below;
  }

  void Send(OrthancPluginContext* context, OrthancPluginRestOutput* output, const Rest::Answer& answer)
  {
    // Orthanc has a call of its own for this status, without a body, and closes the connection without a word if
    // another is used.
    if (const auto allow = answer.headers.find("Allow"); answer.status == 405 && allow != answer.headers.end())
    {
      OrthancPluginSendMethodNotAllowed(context, output, allow->second.c_str());
      return;
    }

    for (const auto& [name, value] : answer.headers)
    {
      OrthancPluginSetHttpHeader(context, output, name.c_str(), value.c_str());
    }

    const auto size = static_cast<std::uint32_t>(answer.body.size());

    if (answer.status == 200)
    {
      OrthancPluginAnswerBuffer(context, output, answer.body.data(), size, answer.contentType.c_str());
    }
    else
    {
      OrthancPluginSetHttpHeader(context, output, "Content-Type", answer.contentType.c_str());
      OrthancPluginSendHttpStatus(context, output, static_cast<std::uint16_t>(answer.status), answer.body.data(), size);
    }
  }
}
