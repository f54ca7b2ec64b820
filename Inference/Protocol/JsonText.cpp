// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"

#include "Inference/Protocol/Error.h"

#include <json/reader.h>
#include <json/writer.h>

#include <memory>

namespace H3K27M::Protocol
{
  namespace
  {
    constexpr int MAX_DEPTH = 32;
  }

  Json::Value ParseJson(std::string_view text)
  {
    Json::CharReaderBuilder builder;
    Json::CharReaderBuilder::strictMode(&builder.settings_);
    builder["strictRoot"] = false;
    builder["stackLimit"] = MAX_DEPTH;

    const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
    Json::Value value;
    std::string faults;

    try
    {
      if (!reader->parse(text.data(), text.data() + text.size(), &value, &faults))
      {
        throw Error(ErrorCode::BadInput, "Not valid JSON: " + faults);
      }
    }
    catch (const Json::Exception& e)
    {
      // JsonCpp throws, instead of reporting, when the nesting is too deep.
      throw Error(ErrorCode::BadInput, std::string("Not valid JSON: ") + e.what());
    }

    return value;
  }

  void RequireFewValues(std::string_view json, std::size_t most)
  {
    std::size_t values = 1;
    bool isInText = false;
    for (std::size_t i = 0; i < json.size(); i++)
    {
      const char c = json[i];
      if (isInText)
      {
        i += c == '\\' ? 1 : 0;
        isInText = c != '"';
        continue;
      }
      isInText = c == '"';
      values += c == ',' || c == ':' || c == '[' || c == '{' ? 1 : 0;
    }
    if (values > most)
    {
      throw Error(ErrorCode::BadInput, "the JSON text has more than " + std::to_string(most) + " values");
    }
  }

  std::string WriteCompactJson(const Json::Value& value)
  {
    Json::StreamWriterBuilder builder;
    builder["indentation"] = "";
    builder["emitUTF8"] = true;
    return Json::writeString(builder, value);
  }
}
