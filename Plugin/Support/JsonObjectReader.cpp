// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/JsonObjectReader.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/LowerCase.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace H3K27M::Support
{
  namespace
  {
    // Levenshtein's edit distance.
    std::size_t GetDistance(const std::string& a, const std::string& b)
    {
      std::vector<std::size_t> row(b.size() + 1);
      std::iota(row.begin(), row.end(), std::size_t{0});

      for (std::size_t i = 0; i < a.size(); i++)
      {
        std::size_t diagonal = row[0];
        row[0] = i + 1;

        for (std::size_t j = 0; j < b.size(); j++)
        {
          const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
          diagonal = row[j + 1];
          row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
      }

      return row.back();
    }

    std::string FormatNumber(double value)
    {
      std::string text = std::to_string(value);
      text.erase(text.find_last_not_of('0') + 1);

      if (text.back() == '.')
      {
        text.pop_back();
      }

      return text;
    }
  }

  JsonObjectReader::JsonObjectReader(const Json::Value& json, std::string path) :
    json_(json),
    path_(std::move(path))
  {
    if (!json.isNull() && !json.isObject())
    {
      throw Error(ErrorCode::BadInput, "'" + path_ + "' must be an object");
    }
  }

  const Json::Value* JsonObjectReader::Find(const std::string& key)
  {
    known_.insert(key);

    if (!json_.isObject())
    {
      return nullptr;
    }

    const Json::Value* const found = json_.find(key.data(), key.data() + key.size());
    return found == nullptr || found->isNull() ? nullptr : found;
  }

  void JsonObjectReader::Refuse(const std::string& key, const std::string& wanted) const
  {
    throw Error(ErrorCode::BadInput, "'" + path_ + "." + key + "' must be " + wanted);
  }

  std::vector<std::string> JsonObjectReader::ListKeys() const
  {
    return json_.isNull() ? std::vector<std::string>() : json_.getMemberNames();
  }

  bool JsonObjectReader::Has(const std::string& key)
  {
    return Find(key) != nullptr;
  }

  bool JsonObjectReader::ReadBoolean(const std::string& key, bool byDefault)
  {
    const Json::Value* const value = Find(key);

    if (value == nullptr)
    {
      return byDefault;
    }

    if (!value->isBool())
    {
      Refuse(key, "true or false");
    }

    return value->asBool();
  }

  std::string JsonObjectReader::ReadString(const std::string& key, const std::string& byDefault)
  {
    const Json::Value* const value = Find(key);

    if (value == nullptr)
    {
      return byDefault;
    }

    if (!value->isString())
    {
      Refuse(key, "a text");
    }

    return value->asString();
  }

  std::int64_t JsonObjectReader::ReadInteger(const std::string& key, std::int64_t byDefault, std::int64_t minimum,
                                             std::int64_t maximum)
  {
    const Json::Value* const value = Find(key);

    if (value == nullptr)
    {
      return byDefault;
    }

    // isInt64() alone would take 4.0 as well.
    if (value->type() == Json::realValue || !value->isInt64() || value->asInt64() < minimum ||
        value->asInt64() > maximum)
    {
      Refuse(key, "a whole number from " + std::to_string(minimum) + " to " + std::to_string(maximum));
    }

    return value->asInt64();
  }

  double JsonObjectReader::ReadNumber(const std::string& key, double byDefault, double minimum, double maximum)
  {
    const Json::Value* const value = Find(key);

    if (value == nullptr)
    {
      return byDefault;
    }

    if (!value->isNumeric() || value->isBool() || !std::isfinite(value->asDouble()) || value->asDouble() < minimum ||
        value->asDouble() > maximum)
    {
      Refuse(key, "a number from " + FormatNumber(minimum) + " to " + FormatNumber(maximum));
    }

    return value->asDouble();
  }

  std::vector<std::string> JsonObjectReader::ReadStrings(const std::string& key,
                                                         const std::vector<std::string>& byDefault)
  {
    const Json::Value* const value = Find(key);

    if (value == nullptr)
    {
      return byDefault;
    }

    if (!value->isArray() ||
        !std::all_of(value->begin(), value->end(), [](const Json::Value& item) { return item.isString(); }))
    {
      Refuse(key, "a list of texts");
    }

    std::vector<std::string> texts;

    for (const Json::Value& item : *value)
    {
      texts.push_back(item.asString());
    }

    return texts;
  }

  JsonObjectReader JsonObjectReader::ReadObject(const std::string& key)
  {
    const Json::Value* const value = Find(key);
    return JsonObjectReader(value == nullptr ? Json::Value::nullSingleton() : *value, path_ + "." + key);
  }

  std::vector<JsonObjectReader> JsonObjectReader::ReadObjects(const std::string& key)
  {
    const Json::Value* const value = Find(key);
    std::vector<JsonObjectReader> readers;

    if (value == nullptr)
    {
      return readers;
    }

    if (!value->isArray())
    {
      Refuse(key, "a list of objects");
    }

    for (Json::ArrayIndex i = 0; i < value->size(); i++)
    {
      readers.emplace_back((*value)[i], path_ + "." + key + "[" + std::to_string(i) + "]");
    }

    return readers;
  }

  int JsonObjectReader::ReadChoiceValue(const std::string& key, int byDefault, const std::vector<Choice>& choices)
  {
    const Json::Value* const value = Find(key);

    if (value == nullptr)
    {
      return byDefault;
    }

    std::string names;

    for (const Choice& choice : choices)
    {
      if (value->isString() && value->asString() == choice.name)
      {
        return choice.value;
      }

      names += std::string(names.empty() ? "" : " or ") + "\"" + choice.name + "\"";
    }

    Refuse(key, names);
  }

  void JsonObjectReader::RefuseUnknownKeys() const
  {
    for (const std::string& key : json_.isObject() ? json_.getMemberNames() : std::vector<std::string>())
    {
      if (known_.contains(key))
      {
        continue;
      }

      std::string nearest;
      std::size_t best = std::max<std::size_t>(2, key.size() / 2);

      for (const std::string& candidate : known_)
      {
        const std::size_t distance = GetDistance(ToLower(key), ToLower(candidate));

        if (distance <= best && (nearest.empty() || distance < best))
        {
          best = distance;
          nearest = candidate;
        }
      }

      throw Error(ErrorCode::BadInput, "'" + path_ + "." + key + "' is not a known key" +
                                         (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
    }
  }
}
