// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunCheck.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <chrono>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::chrono::seconds CHECK_LIMIT(60);
  }

  RunCheck::RunCheck(const Datasets::DatasetSnapshot& datasets, const Models::ModelCatalog& models,
                     const Engine::ProcessLaunch& launch) :
    datasets_(datasets),
    models_(models),
    command_(launch)
  {
  }

  void RunCheck::Check(const RunSpec& spec) const
  {
    if (!spec.dataset.empty() && datasets_.GetContrast(spec.dataset) != spec.data.contrast)
    {
      throw Error(ErrorCode::BadInput, "The data set " + spec.dataset + " is of " +
                                         Routing::ToString(datasets_.GetContrast(spec.dataset)) + ", the run is of " +
                                         Routing::ToString(spec.data.contrast) + ": say which in 'contrast'");
    }

    RunPlaces places;
    places.from = FindModel(spec.from);
    places.encoder = FindModel(spec.encoder);

    if (spec.NeedsEngine())
    {
      command_.Run(MakeCheckArguments(spec, places), CHECK_LIMIT);
    }
  }

  Json::Value RunCheck::GetPresets() const
  {
    {
      const Support::MutexLock lock(mutex_);

      if (!presets_.isNull())
      {
        return presets_;
      }
    }

    // Not under the lock: the engine takes its time, and two who ask at once get the same answer.
    Json::Value presets;

    for (const char* const name : {"recommended", "paper"})
    {
      Json::Value config;
      config["preset"] = name;
      presets[name] = Protocol::ParseJson(command_.Run({"check-config", Protocol::WriteCompactJson(config), "--fd",
                                                        std::to_string(Engine::EngineCommand::ANSWER_DESCRIPTOR)},
                                                       CHECK_LIMIT));
    }

    const Support::MutexLock lock(mutex_);
    presets_ = presets;
    return presets;
  }

  std::filesystem::path RunCheck::FindModel(const std::string& name) const
  {
    return name.empty() ? std::filesystem::path() : models_.Get(name).path;
  }

  void RunCheck::Interrupt() const
  {
    command_.Interrupt();
  }
}
