// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/NetworkOptions.h"
#include "Inference/Protocol/StoredNames.h"

#include <json/value.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Weights
{
  // What is said about a model: `card.json` beside its weights. Resources/Notes/ModelCard.md describes each field.
  // Unknown fields are kept, so that a card of a later version passes through unharmed.
  class ModelCard
  {
  public:
    static constexpr std::size_t MAX_BYTES = Protocol::StoredNames::MAX_CARD_BYTES;

    // For a model that is being made; `name` consists of letters, digits, '.', '_' and '-'.
    ModelCard(const std::string& name, const Network::NetworkOptions& network);

    // Throws Error(BadInput) naming each field that is missing, of the wrong type or out of its range
    // (Protocol/CardFaults.h); a card without "research_use_only": true is refused.
    static ModelCard Parse(const Json::Value& json);
    static ModelCard Load(const std::filesystem::path& path);

    // Indented JSON, written by rename. Throws as CheckSize() does.
    void Save(const std::filesystem::path& path) const;

    // Throws Error(BadInput) when the card is larger than MAX_BYTES: nobody could load it. To be asked before the work
    // that the card is to describe. `room`: bytes of what is still to be written into it.
    void CheckSize(std::size_t room = 0) const;

    const Network::NetworkOptions& GetNetwork() const noexcept
    {
      return network_;
    }

    const std::string& GetName() const noexcept
    {
      return name_;
    }

    const std::string& GetWeightsSha256() const noexcept
    {
      return weightsSha256_;
    }

    // Probability from which on (strictly greater) a case is called altered.
    double GetThreshold() const noexcept
    {
      return threshold_;
    }

    // A slice with less predicted tumour is taken as tumour-free.
    double GetMinimumTumourAreaMm2() const noexcept
    {
      return minimumTumourAreaMm2_;
    }

    // One network of an ensemble: a folder below the model's own, a model itself.
    struct Member
    {
      std::string folder;
      std::string weightsSha256;
    };

    // Empty for a model that is one network.
    const std::vector<Member>& GetMembers() const noexcept
    {
      return members_;
    }

    const Json::Value& GetJson() const noexcept
    {
      return json_;
    }

    // Sets any field. Throws as Parse() does when the card is no longer valid.
    void Set(const std::string& field, const Json::Value& value);

  private:
    ModelCard() = default;

    std::string WriteText(std::size_t room) const;

    Json::Value json_;
    std::string name_;
    Network::NetworkOptions network_;
    std::string weightsSha256_;
    std::vector<Member> members_;
    double threshold_ = 0.5;
    double minimumTumourAreaMm2_ = 100;
  };
}
