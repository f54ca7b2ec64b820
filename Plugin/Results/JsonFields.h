// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace H3K27M::Results
{
  // Reads the members of one JSON object that a peer sent, and throws Corrupt with the member's full path when one is
  // missing or not what is wanted. Refers to the value it was built from; short-lived.
  class JsonFields
  {
  public:
    JsonFields(const Json::Value& object, const std::string& path);

    std::string GetText(const char* name) const;
    bool GetFlag(const char* name) const;
    std::uint64_t GetCount(const char* name, std::uint64_t highest) const;    // 0..highest
    double GetNumber(const char* name, double lowest, double highest) const;  // finite
    std::optional<double> GetNumberOrNull(const char* name, double lowest, double highest) const;
    std::optional<bool> GetFlagOrNull(const char* name) const;
    const Json::Value& GetArray(const char* name, std::size_t most) const;
    JsonFields GetObject(const char* name) const;
    bool Has(const char* name) const;  // present and not null

    // Path of a member or element: "result.genotype.slices[3]".
    std::string GetPath(const std::string& member) const;

    [[noreturn]] void Refuse(const std::string& member, const std::string& wanted) const;

  private:
    const Json::Value& Get(const char* name) const;

    const Json::Value& object_;
    std::string path_;
  };

  // Throws Corrupt when the text is no JSON object; `what` names it in the message.
  Json::Value ParseJsonObject(std::string_view text, const std::string& what);
}
