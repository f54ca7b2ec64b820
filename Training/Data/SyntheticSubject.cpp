// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/SyntheticSubject.h"

#include <charconv>
#include <string_view>

namespace H3K27M::Data
{
  namespace
  {
    constexpr std::string_view SUBJECT = "sub-";
    constexpr std::string_view PHANTOM = "sub-phantom";
  }

  std::string FindSubject(const std::string& path)
  {
    for (std::size_t begin = 0; begin != std::string::npos;)
    {
      const std::size_t end = path.find('/', begin);
      std::string part = path.substr(begin, end == std::string::npos ? end : end - begin);
      if (part.starts_with(SUBJECT))
      {
        return part;
      }
      begin = end == std::string::npos ? end : end + 1;
    }
    return path.substr(0, path.find('/'));
  }

  std::optional<std::uint64_t> ReadPhantomSeed(const std::string& subject)
  {
    if (!subject.starts_with(PHANTOM))
    {
      return std::nullopt;
    }
    std::uint64_t seed = 0;
    const char* const end = subject.data() + subject.size();
    const auto read = std::from_chars(subject.data() + PHANTOM.size(), end, seed);
    return read.ec == std::errc() && read.ptr == end ? std::optional<std::uint64_t>(seed) : std::nullopt;
  }

  bool IsSyntheticSubject(const std::string& id, const std::string& synthetic, const std::string& site)
  {
    return synthetic == "yes" || site == "phantom" || ReadPhantomSeed(id).has_value();
  }
}
