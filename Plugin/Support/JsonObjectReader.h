// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace H3K27M::Support
{
  // Reads one JSON object strictly: each key is asked for by name, type and range, and RefuseUnknownKeys() then names
  // the first key that nobody asked for, with the nearest known one. Used for the configuration and for the bodies of
  // REST requests. Every fault is Error(BadInput) that names the key with its path ("H3K27M.Routing.Plane").
  // A key that is absent or null yields the default.
  class JsonObjectReader
  {
  public:
    struct Choice
    {
      const char* name;
      int value;
    };

    // The other way round: the name of a value, empty for one that is none of the choices.
    template <typename T>
    static std::string GetName(const std::vector<Choice>& choices, T value)
    {
      const auto found = std::find_if(choices.begin(), choices.end(),
                                      [value](const Choice& one) { return one.value == static_cast<int>(value); });
      return found == choices.end() ? std::string() : found->name;
    }

    // `json` must outlive this object. Throws Error(BadInput) when it is no object (null is an empty one).
    JsonObjectReader(const Json::Value& json, std::string path);

    // Of an object whose keys are the administrator's own: in alphabetical order.
    std::vector<std::string> ListKeys() const;

    bool Has(const std::string& key);
    bool ReadBoolean(const std::string& key, bool byDefault);
    std::string ReadString(const std::string& key, const std::string& byDefault);
    std::int64_t ReadInteger(const std::string& key, std::int64_t byDefault, std::int64_t minimum,
                             std::int64_t maximum);
    double ReadNumber(const std::string& key, double byDefault, double minimum, double maximum);
    std::vector<std::string> ReadStrings(const std::string& key, const std::vector<std::string>& byDefault);
    JsonObjectReader ReadObject(const std::string& key);

    // The members of a list, each with its place in the path ("H3K27M.Delivery.Rules[0]").
    std::vector<JsonObjectReader> ReadObjects(const std::string& key);

    // Says what is wrong with the value of a key. Throws Error(BadInput): "'PATH.KEY' must be WANTED".
    [[noreturn]] void Refuse(const std::string& key, const std::string& wanted) const;

    // Exact names only.
    template <typename T>
    T ReadChoice(const std::string& key, T byDefault, const std::vector<Choice>& choices)
    {
      return static_cast<T>(ReadChoiceValue(key, static_cast<int>(byDefault), choices));
    }

    void RefuseUnknownKeys() const;

  private:
    const Json::Value* Find(const std::string& key);
    int ReadChoiceValue(const std::string& key, int byDefault, const std::vector<Choice>& choices);

    const Json::Value& json_;
    std::string path_;
    std::set<std::string> known_;
  };
}
