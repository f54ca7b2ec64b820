// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/RestClient.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Orthanc/MemoryBuffer.h"

#include <limits>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    bool IsMissing(OrthancPluginErrorCode code)
    {
      return code == OrthancPluginErrorCode_UnknownResource || code == OrthancPluginErrorCode_InexistentItem;
    }

    [[noreturn]] void Fail(const std::string& method, const std::string& uri, OrthancPluginErrorCode code)
    {
      throw Error(ErrorCode::Unavailable,
                  "Orthanc answered " + method + " " + uri + " with error " + std::to_string(static_cast<int>(code)));
    }
  }

  std::optional<Json::Value> RestClient::Get(const std::string& uri) const
  {
    MemoryBuffer answer(context_);
    const OrthancPluginErrorCode code = OrthancPluginRestApiGet(context_, answer.Get(), uri.c_str());

    if (IsMissing(code))
    {
      return std::nullopt;
    }

    if (code != OrthancPluginErrorCode_Success)
    {
      Fail("GET", uri, code);
    }

    return Protocol::ParseJson(answer.View());
  }

  Json::Value RestClient::Post(const std::string& uri, const Json::Value& body) const
  {
    const std::string text = Protocol::WriteCompactJson(body);
    return Post(uri, std::span(text));
  }

  Json::Value RestClient::Post(const std::string& uri, std::span<const char> body) const
  {
    if (body.size() > std::numeric_limits<std::uint32_t>::max())
    {
      throw Error(ErrorCode::BadInput, "More than 4 GiB cannot be posted to " + uri);
    }

    MemoryBuffer answer(context_);
    const OrthancPluginErrorCode code = OrthancPluginRestApiPost(context_, answer.Get(), uri.c_str(), body.data(),
                                                                 static_cast<std::uint32_t>(body.size()));

    if (IsMissing(code))
    {
      throw Error(ErrorCode::NotFound, "Orthanc does not know the resource of POST " + uri);
    }

    if (code != OrthancPluginErrorCode_Success)
    {
      Fail("POST", uri, code);
    }

    return Protocol::ParseJson(answer.View());
  }

  Json::Value RestClient::PostToPlugin(const std::string& uri, const Json::Value& body) const
  {
    const std::string text = Protocol::WriteCompactJson(body);
    MemoryBuffer answer(context_);
    const OrthancPluginErrorCode code = OrthancPluginRestApiPostAfterPlugins(
      context_, answer.Get(), uri.c_str(), text.data(), static_cast<std::uint32_t>(text.size()));

    if (IsMissing(code))
    {
      throw Error(ErrorCode::NotFound, "no plugin of this Orthanc answers POST " + uri);
    }

    if (code != OrthancPluginErrorCode_Success)
    {
      Fail("POST", uri, code);
    }

    return Protocol::ParseJson(answer.View());
  }

  bool RestClient::Delete(const std::string& uri) const
  {
    const OrthancPluginErrorCode code = OrthancPluginRestApiDelete(context_, uri.c_str());

    if (IsMissing(code))
    {
      return false;
    }

    if (code != OrthancPluginErrorCode_Success)
    {
      Fail("DELETE", uri, code);
    }

    return true;
  }
}
