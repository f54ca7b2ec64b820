// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"

#include <cstdint>
#include <optional>

namespace H3K27M::Rest
{
  // Orthanc reads a body into memory as a whole before a route sees the request, whoever sends it and however large it
  // is. What comes before that is a filter, which sees the headers alone and can say no, but not why. So a small body
  // passes there, and its route refuses it in words; what is refused in the filter is what must not be read.

  // Of JSON, and of each route that names no limit of its own.
  constexpr std::uint64_t SMALL_BODY_BYTES = 1 << 20;

  // From whom a route is for so much is read in any case: where it is more than the route takes, it says so in words.
  constexpr std::uint64_t TOLERATED_BODY_BYTES = 16 << 20;

  // Whether the body may be read whoever sends it: it says how long it is, which is not much, and is no form.
  bool IsSmallBody(const Request& request);

  // What is read for nobody: a multipart form, of which the core would call us once for each part, with the headers
  // that stand in the part and no others, so that user, origin and content type would be what its sender wrote there; a
  // body that does not say how long it is; and one beyond `maxBytes`. Returns the refusal, or nothing.
  std::optional<Answer> RefuseUnreadBody(const Request& request, std::uint64_t maxBytes);
}
