// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunCheck.h"

#include "Inference/Protocol/Error.h"

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

  std::filesystem::path RunCheck::FindModel(const std::string& name) const
  {
    return name.empty() ? std::filesystem::path() : models_.Get(name).path;
  }

  void RunCheck::Interrupt() const
  {
    command_.Interrupt();
  }
}
