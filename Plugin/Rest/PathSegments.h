// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace H3K27M::Rest
{
  // "/a//b/" -> a, b: empty segments do not count.
  inline std::vector<std::string> SplitPath(const std::string& path)
  {
    std::vector<std::string> segments;
    std::string segment;

    for (const char c : path)
    {
      if (c != '/')
      {
        segment.push_back(c);
      }
      else if (!segment.empty())
      {
        segments.push_back(std::move(segment));
        segment.clear();
      }
    }

    if (!segment.empty())
    {
      segments.push_back(std::move(segment));
    }

    return segments;
  }
}
