// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/RequestBody.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

namespace H3K27M::Rest
{
  namespace
  {
    // None of these requests is larger than a few hundred bytes.
    constexpr std::size_t MAX_BODY_BYTES = 1 << 20;
  }

  Json::Value ParseBody(const Request& request)
  {
    if (request.body.size() > MAX_BODY_BYTES)
    {
      throw Error(ErrorCode::BadInput, "The body is larger than 1 MiB");
    }

    const Json::Value json = request.body.empty() ? Json::Value(Json::objectValue) : Protocol::ParseJson(request.body);

    if (!json.isObject())
    {
      throw Error(ErrorCode::BadInput, "The body must be a JSON object");
    }

    return json;
  }
}
