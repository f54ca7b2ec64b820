// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <map>
#include <string>

namespace H3K27M::Rest
{
  enum class Method
  {
    Get,
    Post,
    Put,
    Delete
  };

  std::string ToString(Method method);

  // A request below /h3k27m/, free of Orthanc's types.
  struct Request
  {
    Method method = Method::Get;
    std::string path;                            // below "/h3k27m/", e.g. "cases/1234"
    std::map<std::string, std::string> query;    // decoded
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;                            // empty until its sender may use the route: Router::Handle()

    // `name` in lower case; empty when there is none.
    std::string GetHeader(const std::string& name) const;

    // In lower case and without parameters: "application/json"; empty when there is none.
    std::string GetContentType() const;
  };

  // What the audit says of a request, beyond who and what.
  struct AuditNote
  {
    std::string subject;     // empty: what the path names
    std::string details;     // no patient's name
    bool isAudited = false;  // also where the route reads, and not all that it reads is written down (RouteAccess.h)
  };

  // What goes back. Built by the factories, so that status and content type always fit the body.
  struct Answer
  {
    int status = 200;
    std::string contentType = "application/json";
    std::string body;
    std::map<std::string, std::string> headers;
    AuditNote note{};

    static Answer FromJson(const Json::Value& json, int status = 200);

    // Orthanc's shape of an error: HttpStatus, HttpError, Message, Details, Method, Uri.
    // `more`: members beyond these, that say more than words.
    static Answer FromError(const Request& request, int status, const std::string& details,
                            const Json::Value& more = Json::Value());
  };
}
