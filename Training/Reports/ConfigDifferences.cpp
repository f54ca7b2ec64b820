// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/ConfigDifferences.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>

namespace H3K27M::Reports
{
  namespace
  {
    // "training.steps" and its value, for each value that is no object.
    void Flatten(const Json::Value& json, const std::string& path, std::map<std::string, Json::Value>& values)
    {
      for (const std::string& key : json.getMemberNames())
      {
        if (json[key].isObject())
        {
          Flatten(json[key], path + key + ".", values);
        }
        else
        {
          values[path + key] = json[key];
        }
      }
    }
  }

  Json::Value ListConfigDifferences(const Json::Value& a, const Json::Value& b)
  {
    std::map<std::string, Json::Value> first;
    std::map<std::string, Json::Value> second;
    Flatten(a, "", first);
    Flatten(b, "", second);
    std::set<std::string> keys;
    for (const auto* values : {&first, &second})
    {
      std::transform(values->begin(), values->end(), std::inserter(keys, keys.end()),
                     [](const auto& entry) { return entry.first; });
    }
    Json::Value differences(Json::arrayValue);
    for (const std::string& key : keys)
    {
      if (key != "kind" && first[key] != second[key])
      {
        Json::Value difference;
        difference["key"] = key;
        difference["a"] = first[key];
        difference["b"] = second[key];
        differences.append(difference);
      }
    }
    return differences;
  }
}
