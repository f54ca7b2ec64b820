// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Weights/ModelCard.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/Sha256.h"

#include <json/writer.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <span>

namespace H3K27M::Weights
{
  namespace
  {
    [[noreturn]] void Refuse(const std::string& field, const std::string& wanted)
    {
      throw Error(ErrorCode::BadInput, "The model card's field '" + field + "' must be " + wanted);
    }

    std::string GetText(const Json::Value& json, const std::string& field)
    {
      if (!json.isMember(field) || !json[field].isString() || json[field].asString().empty())
      {
        Refuse(field, "a text");
      }
      return json[field].asString();
    }

    std::int64_t GetCount(const Json::Value& json, const std::string& field)
    {
      if (!json.isMember(field) || !json[field].isInt64())
      {
        Refuse(field, "a whole number");
      }
      return json[field].asInt64();
    }

    double GetNumber(const Json::Value& json, const std::string& field, double lowest, double highest)
    {
      const double value = json.isMember(field) && json[field].isNumeric() ? json[field].asDouble() : std::nan("");
      if (!(value >= lowest && value <= highest))
      {
        Refuse(field, "a number from " + std::to_string(lowest) + " to " + std::to_string(highest));
      }
      return value;
    }

    bool IsName(const std::string& text)
    {
      constexpr std::size_t MAX_LENGTH = 64;
      const auto isAllowed = [](char c)
      {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
      };
      return !text.empty() && text.size() <= MAX_LENGTH && text[0] != '.' &&
             std::all_of(text.begin(), text.end(), isAllowed);
    }

    bool IsSha256(const std::string& text)
    {
      return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
    }

    std::vector<ModelCard::Member> ReadMembers(const Json::Value& json)
    {
      constexpr Json::ArrayIndex MAX_MEMBERS = 100;
      std::vector<ModelCard::Member> members;
      if (!json.isNull() && (!json.isArray() || json.empty() || json.size() > MAX_MEMBERS))
      {
        Refuse("members", "a list of 1 to 100 models");
      }
      for (const Json::Value& item : json)
      {
        if (!item.isObject() || !IsName(GetText(item, "folder")) || !IsSha256(GetText(item, "weights_sha256")))
        {
          Refuse("members", "objects with folder (a name) and weights_sha256");
        }
        members.push_back({item["folder"].asString(), item["weights_sha256"].asString()});
      }
      return members;
    }
  }

  ModelCard::ModelCard(const std::string& name, const Network::NetworkOptions& network) :
    name_(name),
    network_(network)
  {
    if (!IsName(name))
    {
      Refuse("name", "of letters, digits, '.', '_' and '-', at most 64");
    }
    network.Check();
    json_["name"] = name;
    json_["version"] = "1";
    json_["variant"] = std::string(Network::ToString(network.variant));
    json_["input_size"] = Json::Int64{network.inputSize};
    json_["width"] = Json::Int64{network.width};
    json_["weights_sha256"] = std::string(64, '0');
    json_["threshold"] = threshold_;
    json_["minimum_tumour_area_mm2"] = minimumTumourAreaMm2_;
    json_["slice_protocol"] = "automatic";
    json_["research_use_only"] = true;
  }

  ModelCard ModelCard::Parse(const Json::Value& json)
  {
    if (!json.isObject())
    {
      throw Error(ErrorCode::BadInput, "The model card is not a JSON object");
    }
    ModelCard card;
    card.json_ = json;
    card.name_ = GetText(json, "name");
    if (!IsName(card.name_))
    {
      Refuse("name", "of letters, digits, '.', '_' and '-', at most 64");
    }
    GetText(json, "version");
    card.network_.variant = Network::ParseVariant(GetText(json, "variant"));
    card.network_.inputSize = GetCount(json, "input_size");
    card.network_.width = GetCount(json, "width");
    card.network_.Check();
    card.weightsSha256_ = GetText(json, "weights_sha256");
    if (!IsSha256(card.weightsSha256_))
    {
      Refuse("weights_sha256", "64 lower-case hexadecimal digits");
    }
    card.members_ = ReadMembers(json["members"]);
    if (!card.members_.empty() && HashMembers(json["members"]) != card.weightsSha256_)
    {
      Refuse("weights_sha256", "the hash over those of the members");
    }
    card.threshold_ = GetNumber(json, "threshold", 0, 1);
    card.minimumTumourAreaMm2_ = GetNumber(json, "minimum_tumour_area_mm2", 0, 1e6);
    if (!json.isMember("research_use_only") || !json["research_use_only"].isBool() ||
        !json["research_use_only"].asBool())
    {
      Refuse("research_use_only", "true: no model of this project is cleared for clinical use");
    }
    return card;
  }

  std::string ModelCard::HashMembers(const Json::Value& members)
  {
    std::string hashes;
    for (const Json::Value& member : members)
    {
      hashes += member["weights_sha256"].asString() + "\n";
    }
    return Protocol::Sha256::OfText(hashes);
  }

  ModelCard ModelCard::Load(const std::filesystem::path& path)
  {
    std::ifstream file(path, std::ios::binary);
    if (!file)
    {
      throw Error(ErrorCode::NotFound, "There is no model card " + path.string());
    }
    std::string text(MAX_BYTES + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > MAX_BYTES)
    {
      throw Error(ErrorCode::BadInput, "The model card " + path.string() + " is larger than 1 MiB");
    }
    return Parse(Protocol::ParseJson(text));
  }

  void ModelCard::Save(const std::filesystem::path& path) const
  {
    Json::StreamWriterBuilder builder;
    builder["indentation"] = "  ";
    builder["precision"] = 6;
    builder["precisionType"] = "significant";
    const std::string text = Json::writeString(builder, json_) + "\n";
    Protocol::WriteFileAtomically(path, std::as_bytes(std::span(text.data(), text.size())));
  }

  void ModelCard::Set(const std::string& field, const Json::Value& value)
  {
    Json::Value changed = json_;
    changed[field] = value;
    *this = Parse(changed);
  }
}
