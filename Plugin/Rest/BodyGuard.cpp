// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/BodyGuard.h"

#include <charconv>
#include <string>
#include <system_error>

namespace H3K27M::Rest
{
  namespace
  {
    // The core takes forms of a POST apart, and of nothing else.
    bool IsForm(const Request& request)
    {
      return request.method == Method::Post && request.GetContentType().starts_with("multipart/");
    }

    // Nothing: the request does not say it.
    std::optional<std::uint64_t> GetBodyBytes(const Request& request)
    {
      if (request.headers.contains("transfer-encoding"))
      {
        return std::nullopt;
      }

      std::string text = request.GetHeader("content-length");
      std::erase(text, ' ');

      if (text.empty())
      {
        return std::uint64_t{0};
      }

      std::uint64_t bytes = 0;
      const char* const end = text.data() + text.size();
      const auto [last, fault] = std::from_chars(text.data(), end, bytes);
      return fault == std::errc() && last == end ? std::optional(bytes) : std::nullopt;
    }
  }

  bool IsSmallBody(const Request& request)
  {
    const std::optional<std::uint64_t> bytes = GetBodyBytes(request);
    return bytes && *bytes <= SMALL_BODY_BYTES && !IsForm(request);
  }

  std::optional<Answer> RefuseUnreadBody(const Request& request, std::uint64_t maxBytes)
  {
    if (IsForm(request))
    {
      return Answer::FromError(request, 415, "A multipart form is taken by no route: its parts would say who sent it");
    }

    const std::optional<std::uint64_t> bytes = GetBodyBytes(request);

    if (!bytes)
    {
      return Answer::FromError(request, 411, "The body must say how long it is (Content-Length)");
    }

    if (*bytes > maxBytes)
    {
      return Answer::FromError(request, 413, "The body has more than " + std::to_string(maxBytes) + " bytes");
    }

    return std::nullopt;
  }
}
