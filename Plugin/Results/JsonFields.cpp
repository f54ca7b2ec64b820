// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/JsonFields.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <cmath>

namespace H3K27M::Results
{
  JsonFields::JsonFields(const Json::Value& object, const std::string& path) :
    object_(object),
    path_(path)
  {
    if (!object.isObject())
    {
      throw Error(ErrorCode::Corrupt, path + " is not a JSON object");
    }
  }

  const Json::Value& JsonFields::Get(const char* name) const
  {
    if (!object_.isMember(name))
    {
      throw Error(ErrorCode::Corrupt, GetPath(name) + " is missing");
    }
    return object_[name];
  }

  std::string JsonFields::GetText(const char* name) const
  {
    const Json::Value& value = Get(name);
    if (!value.isString())
    {
      Refuse(name, "text");
    }
    return value.asString();
  }

  bool JsonFields::GetFlag(const char* name) const
  {
    const Json::Value& value = Get(name);
    if (!value.isBool())
    {
      Refuse(name, "true or false");
    }
    return value.asBool();
  }

  std::uint64_t JsonFields::GetCount(const char* name, std::uint64_t highest) const
  {
    const Json::Value& value = Get(name);
    if (!value.isUInt64() || value.asUInt64() > highest)
    {
      Refuse(name, "a whole number from 0 to " + std::to_string(highest));
    }
    return value.asUInt64();
  }

  double JsonFields::GetNumber(const char* name, double lowest, double highest) const
  {
    const Json::Value& value = Get(name);
    const double number = value.isNumeric() ? value.asDouble() : std::nan("");
    if (!std::isfinite(number) || number < lowest || number > highest)
    {
      Refuse(name, "a number from " + std::to_string(lowest) + " to " + std::to_string(highest));
    }
    return number;
  }

  std::optional<double> JsonFields::GetNumberOrNull(const char* name, double lowest, double highest) const
  {
    if (Get(name).isNull())
    {
      return std::nullopt;
    }
    return GetNumber(name, lowest, highest);
  }

  std::optional<bool> JsonFields::GetFlagOrNull(const char* name) const
  {
    if (Get(name).isNull())
    {
      return std::nullopt;
    }
    return GetFlag(name);
  }

  const Json::Value& JsonFields::GetArray(const char* name, std::size_t most) const
  {
    const Json::Value& value = Get(name);
    if (!value.isArray() || value.size() > most)
    {
      Refuse(name, "a list of at most " + std::to_string(most) + " elements");
    }
    return value;
  }

  JsonFields JsonFields::GetObject(const char* name) const
  {
    return JsonFields(Get(name), GetPath(name));
  }

  bool JsonFields::Has(const char* name) const
  {
    return object_.isMember(name) && !object_[name].isNull();
  }

  std::string JsonFields::GetPath(const std::string& member) const
  {
    return path_ + "." + member;
  }

  void JsonFields::Refuse(const std::string& member, const std::string& wanted) const
  {
    throw Error(ErrorCode::Corrupt, GetPath(member) + " must be " + wanted);
  }

  Json::Value ParseJsonObject(std::string_view text, const std::string& what)
  {
    Json::Value value;
    try
    {
      value = Protocol::ParseJson(text);
    }
    catch (const Error& error)
    {
      throw Error(ErrorCode::Corrupt, what + ": " + error.what());
    }
    if (!value.isObject())
    {
      throw Error(ErrorCode::Corrupt, what + " is not a JSON object");
    }
    return value;
  }
}
