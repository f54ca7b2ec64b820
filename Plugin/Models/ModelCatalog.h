// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Models
{
  struct ModelEntry
  {
    std::string folder;       // name of the model's folder: its name in REST
    Json::Value card;         // card.json; an object
    std::string fault;        // why the card cannot be read; then `card` is empty
    std::uint64_t bytes = 0;  // of the weights
    bool isActive = false;    // the one that triage uses
  };

  // The models on disk: the folders beside the active one that hold a card.json. Reads cards only, never weights (the
  // engine does, and checks their hash). Stateless but for the path: each call looks anew. Thread-safe.
  class ModelCatalog
  {
  public:
    explicit ModelCatalog(const std::filesystem::path& activeModel);

    // By name.
    std::vector<ModelEntry> List() const;

    // Throws Error(NotFound). `name` is a folder's name: anything with a separator in it names no model.
    ModelEntry Get(const std::string& name) const;

  private:
    std::filesystem::path activeModel_;
  };
}
