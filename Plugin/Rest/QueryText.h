// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Rest
{
  // Values of query parameters. Both throw Error(BadInput) naming the parameter.
  template <typename T>
  T ParseQueryNumber(const std::string& name, const std::string& text)
  {
    T value = {};
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);

    if (fault != std::errc() || end != text.data() + text.size())
    {
      throw Error(ErrorCode::BadInput, "Query parameter '" + name + "' is not a number");
    }

    return value;
  }

  // "a,b": what `parse` makes of each part.
  template <typename T>
  std::vector<T> ParseQueryList(const std::string& text, T (*parse)(std::string_view))
  {
    std::vector<T> values;
    std::size_t begin = 0;

    while (begin <= text.size())
    {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      values.push_back(parse(std::string_view(text).substr(begin, end - begin)));
      begin = end + 1;
    }

    return values;
  }

  // The {id} of a path. Throws Error(NotFound): "There is no WHAT 'TEXT'".
  std::int64_t ParseId(const std::string& what, const std::string& text);

  // Of a page: throws Error(BadInput) unless it is 1 to `most`.
  void RequireLimit(std::size_t limit, std::size_t most);

  // SOPInstanceUID of what a person has seen, as a parameter or a header says it; empty for "none", since a header that
  // is empty may not arrive at all. Nothing where it is not said.
  std::optional<std::string> ParseSeen(const std::string& text);

  // Without a value ("?dry-run") it is true.
  bool ParseQueryFlag(const std::string& name, const std::string& text);
}
