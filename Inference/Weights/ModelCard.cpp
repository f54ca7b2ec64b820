// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Weights/ModelCard.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/CardFaults.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <json/writer.h>

#include <fstream>
#include <iterator>
#include <span>

namespace H3K27M::Weights
{
  namespace
  {
    // All that is wrong, so that a person mends it in one go.
    void RefuseFaults(const Json::Value& json)
    {
      std::string text;
      for (const std::string& fault : Protocol::FindCardFaults(json))
      {
        text += (text.empty() ? "" : "; ") + fault;
      }
      if (!text.empty())
      {
        throw Error(ErrorCode::BadInput, "The model card's field " + text);
      }
    }

    std::vector<ModelCard::Member> ReadMembers(const Json::Value& json)
    {
      std::vector<ModelCard::Member> members;
      for (const Json::Value& item : json)
      {
        members.push_back({item["folder"].asString(), item["weights_sha256"].asString()});
      }
      return members;
    }
  }

  ModelCard::ModelCard(const std::string& name, const Network::NetworkOptions& network) :
    name_(name),
    network_(network)
  {
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
    RefuseFaults(json_);
  }

  ModelCard ModelCard::Parse(const Json::Value& json)
  {
    if (!json.isObject())
    {
      throw Error(ErrorCode::BadInput, "The model card is not a JSON object");
    }
    RefuseFaults(json);
    ModelCard card;
    card.json_ = json;
    card.name_ = json["name"].asString();
    card.network_.variant = Network::ParseVariant(json["variant"].asString());
    card.network_.inputSize = json["input_size"].asInt64();
    card.network_.width = json["width"].asInt64();
    card.network_.Check();
    card.weightsSha256_ = json["weights_sha256"].asString();
    card.members_ = ReadMembers(json["members"]);
    card.threshold_ = json["threshold"].asDouble();
    card.minimumTumourAreaMm2_ = json["minimum_tumour_area_mm2"].asDouble();
    return card;
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

  std::string ModelCard::WriteText(std::size_t room) const
  {
    Json::StreamWriterBuilder builder;
    builder["indentation"] = "  ";
    builder["precision"] = 6;
    builder["precisionType"] = "significant";
    std::string text = Json::writeString(builder, json_) + "\n";
    if (text.size() + room > MAX_BYTES)
    {
      throw Error(ErrorCode::BadInput, "The card of the model '" + name_ + "' has " +
                                         std::to_string(text.size() + room) +
                                         " bytes, at most 1 MiB can be loaded: it names each image that the model was "
                                         "trained on, which are too many");
    }
    return text;
  }

  void ModelCard::CheckSize(std::size_t room) const
  {
    WriteText(room);
  }

  void ModelCard::Save(const std::filesystem::path& path) const
  {
    const std::string text = WriteText(0);
    Protocol::WriteFileAtomically(path, std::as_bytes(std::span(text.data(), text.size())));
  }

  void ModelCard::Set(const std::string& field, const Json::Value& value)
  {
    Json::Value changed = json_;
    changed[field] = value;
    *this = Parse(changed);
  }
}
