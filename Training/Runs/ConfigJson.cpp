// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/ConfigJson.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    std::string Print(double value)
    {
      char text[32];
      std::snprintf(text, sizeof(text), "%g", value);
      return text;
    }

    std::string Print(std::int64_t value)
    {
      return std::to_string(value);
    }

    std::string Print(std::size_t value)
    {
      return std::to_string(value);
    }

    template <typename Number>
    std::string PrintRange(const char* kind, Number low, Number high)
    {
      return std::string(kind) + " from " + Print(low) + " to " + Print(high);
    }

    const Json::Value& GetEmpty()
    {
      static const Json::Value empty(Json::objectValue);
      return empty;
    }
  }

  ConfigReader::ConfigReader(const Json::Value& object, std::string path, std::vector<std::string>& faults) :
    object_(object),
    path_(std::move(path)),
    faults_(faults)
  {
  }

  const Json::Value* ConfigReader::Find(const char* key)
  {
    known_.insert(key);
    return object_.isMember(key) ? &object_[key] : nullptr;
  }

  void ConfigReader::Refuse(const std::string& key, const std::string& wanted)
  {
    faults_.push_back(path_ + key + " must be " + wanted);
  }

  void ConfigReader::Value(const char* key, double& target, double low, double high)
  {
    if (const Json::Value* const value = Find(key))
    {
      // A comparison that fails for NaN.
      if (value->isNumeric() && value->asDouble() >= low && value->asDouble() <= high)
      {
        target = value->asDouble();
      }
      else
      {
        Refuse(key, PrintRange("a number", low, high));
      }
    }
  }

  void ConfigReader::Value(const char* key, std::int64_t& target, std::int64_t low, std::int64_t high)
  {
    if (const Json::Value* const value = Find(key))
    {
      if (value->isInt64() && value->asInt64() >= low && value->asInt64() <= high)
      {
        target = value->asInt64();
      }
      else
      {
        Refuse(key, PrintRange("a whole number", low, high));
      }
    }
  }

  void ConfigReader::Value(const char* key, std::size_t& target, std::size_t low, std::size_t high)
  {
    if (const Json::Value* const value = Find(key))
    {
      if (value->isUInt64() && value->asUInt64() >= low && value->asUInt64() <= high)
      {
        target = value->asUInt64();
      }
      else
      {
        Refuse(key, PrintRange("a whole number", low, high));
      }
    }
  }

  void ConfigReader::Value(const char* key, bool& target)
  {
    if (const Json::Value* const value = Find(key))
    {
      if (value->isBool())
      {
        target = value->asBool();
      }
      else
      {
        Refuse(key, "true or false");
      }
    }
  }

  void ConfigReader::Value(const char* key, std::string& target, const std::vector<std::string>& choices)
  {
    if (const Json::Value* const value = Find(key))
    {
      if (value->isString() && std::find(choices.begin(), choices.end(), value->asString()) != choices.end())
      {
        target = value->asString();
        return;
      }
      std::string wanted = "one of";
      for (const std::string& choice : choices)
      {
        wanted += " \"" + choice + "\"";
      }
      Refuse(key, wanted);
    }
  }

  void ConfigReader::Text(const char* key, std::string& target)
  {
    if (const Json::Value* const value = Find(key))
    {
      if (value->isString())
      {
        target = value->asString();
      }
      else
      {
        Refuse(key, "a text");
      }
    }
  }

  const Json::Value& ConfigReader::GetGroup(const char* key)
  {
    const Json::Value* const group = Find(key);
    if (group != nullptr && !group->isObject())
    {
      Refuse(key, "an object");
      return GetEmpty();
    }
    return group != nullptr ? *group : GetEmpty();
  }

  void ConfigReader::Finish()
  {
    for (const std::string& key : object_.getMemberNames())
    {
      if (!known_.contains(key))
      {
        faults_.push_back(path_ + key + " is not known");
      }
    }
  }

  ConfigWriter::ConfigWriter(Json::Value& object) :
    object_(object)
  {
  }

  void ConfigWriter::Value(const char* key, const double& source, double, double)
  {
    object_[key] = source;
  }

  void ConfigWriter::Value(const char* key, const std::int64_t& source, std::int64_t, std::int64_t)
  {
    object_[key] = Json::Int64{source};
  }

  void ConfigWriter::Value(const char* key, const std::size_t& source, std::size_t, std::size_t)
  {
    object_[key] = Json::UInt64{source};
  }

  void ConfigWriter::Value(const char* key, const bool& source)
  {
    object_[key] = source;
  }

  void ConfigWriter::Value(const char* key, const std::string& source, const std::vector<std::string>&)
  {
    object_[key] = source;
  }

  void ConfigWriter::Text(const char* key, const std::string& source)
  {
    object_[key] = source;
  }
}
