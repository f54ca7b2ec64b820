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
    std::string name;            // in REST
    std::filesystem::path path;  // its folder
    Json::Value card;            // card.json; an object
    std::string fault;           // why the card cannot be read; then `card` is empty
    std::uint64_t bytes = 0;     // of all weights
    std::string run;             // that made it; empty for one that was installed or uploaded
    bool isUploaded = false;     // over REST

    // Whether it is an encoder, which answers nothing by itself.
    bool IsEncoder() const;

    // "T2w", "ceT1w": what it was trained on; T2w where its card does not say.
    std::string GetContrast() const;
  };

  // The models on disk: those that are installed (the folders beside the configured one), those that runs have made
  // (RUN, RUN-model-6, ... by the run's identifier) and those that were uploaded. Reads cards only, never weights (the
  // engine does, and checks their hash). Stateless but for the paths: each call looks anew. Thread-safe.
  class ModelCatalog
  {
  public:
    // `configured`: the model's folder of the configuration; `runs`: the folder of runs; `uploads`: that of uploaded
    // models. The latter two need not exist.
    ModelCatalog(const std::filesystem::path& configured, std::filesystem::path runs, std::filesystem::path uploads);

    // By name; an installed model hides a run's of the same name, and either an uploaded one's.
    std::vector<ModelEntry> List() const;

    // Throws Error(NotFound). `name` is looked up in List(), so that no path can be smuggled in.
    ModelEntry Get(const std::string& name) const;

    // Get() of a model that answers about studies as triage sees them. Throws Error(BadInput) for an encoder, for one
    // that was trained on another contrast than T2w, and for a card that is unreadable.
    ModelEntry GetUsable(const std::string& name) const;

    // Whether an upload may not have this name: there is such a model, or a run, finished or not, may come to make one.
    bool IsTaken(const std::string& name) const;

    // The configured model's name.
    std::string GetConfiguredName() const;

  private:
    std::filesystem::path configured_;
    std::filesystem::path runs_;
    std::filesystem::path uploads_;
  };
}
