// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/Http.h"

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Support/LowerCase.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace H3K27M::Rest
{
  namespace
  {
    std::string GetReason(int status)
    {
      switch (status)
      {
        case 400:
          return "Bad Request";
        case 403:
          return "Forbidden";
        case 404:
          return "Not Found";
        case 405:
          return "Method Not Allowed";
        case 409:
          return "Conflict";
        case 411:
          return "Length Required";
        case 413:
          return "Payload Too Large";
        case 415:
          return "Unsupported Media Type";
        case 503:
          return "Service Unavailable";
        default:
          return "Internal Server Error";
      }
    }
  }

  std::string ToString(Method method)
  {
    switch (method)
    {
      case Method::Get:
        return "GET";
      case Method::Post:
        return "POST";
      case Method::Put:
        return "PUT";
      case Method::Delete:
        return "DELETE";
    }

    return "GET";
  }

  std::string Request::GetHeader(const std::string& name) const
  {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }

  std::string Request::GetContentType() const
  {
    std::string type = GetHeader("content-type");
    type.resize(std::min(type.size(), type.find(';')));
    std::erase_if(type, [](unsigned char c) { return std::isspace(c) != 0; });
    return Support::ToLower(std::move(type));
  }

  Answer Answer::FromJson(const Json::Value& json, int status)
  {
    Answer answer;
    answer.status = status;
    answer.body = Protocol::WriteCompactJson(json) + "\n";
    return answer;
  }

  Answer Answer::FromError(const Request& request, int status, const std::string& details, const Json::Value& more)
  {
    Json::Value json = more;
    json["HttpStatus"] = status;
    json["HttpError"] = GetReason(status);
    json["Message"] = details;
    json["Details"] = details;
    json["Method"] = ToString(request.method);
    json["Uri"] = "/h3k27m/" + request.path;
    return FromJson(json, status);
  }
}
