// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <set>
#include <string>

namespace H3K27M::Reports
{
  // Sentences for a reader, in the order in which they came, each of them once.
  class Remarks
  {
  public:
    void Add(bool applies, const std::string& text)
    {
      if (applies && told_.insert(text).second)
      {
        json_.append(text);
      }
    }

    const Json::Value& ToJson() const noexcept
    {
      return json_;
    }

  private:
    Json::Value json_{Json::arrayValue};
    std::set<std::string> told_;
  };
}
