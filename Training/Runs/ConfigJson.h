// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // Reads named values out of a JSON object into variables that hold their defaults, and gathers every fault instead of
  // stopping at the first. Has the same functions as ConfigWriter, so that one list of keys serves both.
  class ConfigReader
  {
  public:
    // `path`: of the object within the file, empty or ending in '.'. All references must outlive this object.
    ConfigReader(const Json::Value& object, std::string path, std::vector<std::string>& faults);

    void Value(const char* key, double& target, double low, double high);
    void Value(const char* key, std::int64_t& target, std::int64_t low, std::int64_t high);
    void Value(const char* key, std::size_t& target, std::size_t low, std::size_t high);
    void Value(const char* key, bool& target);
    void Value(const char* key, std::string& target, const std::vector<std::string>& choices);
    void Text(const char* key, std::string& target);  // whatever it says

    // `visit` is called with a ConfigReader of the object below `key`.
    template <typename Visit>
    void Group(const char* key, const Visit& visit)
    {
      ConfigReader group(GetGroup(key), path_ + key + ".", faults_);
      visit(group);
      group.Finish();
    }

    // Names the keys that nobody asked for.
    void Finish();

  private:
    const Json::Value& GetGroup(const char* key);
    const Json::Value* Find(const char* key);
    void Refuse(const std::string& key, const std::string& wanted);

    const Json::Value& object_;
    std::string path_;
    std::vector<std::string>& faults_;
    std::set<std::string> known_;
  };

  // Writes the variables into a JSON object: every key, also where the value is the default.
  class ConfigWriter
  {
  public:
    explicit ConfigWriter(Json::Value& object);

    void Value(const char* key, const double& source, double low, double high);
    void Value(const char* key, const std::int64_t& source, std::int64_t low, std::int64_t high);
    void Value(const char* key, const std::size_t& source, std::size_t low, std::size_t high);
    void Value(const char* key, const bool& source);
    void Value(const char* key, const std::string& source, const std::vector<std::string>& choices);
    void Text(const char* key, const std::string& source);

    template <typename Visit>
    void Group(const char* key, const Visit& visit)
    {
      ConfigWriter group(object_[key] = Json::Value(Json::objectValue));
      visit(group);
    }

  private:
    Json::Value& object_;
  };
}
