// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Models/ModelChoice.h"

#include <optional>
#include <string>

namespace H3K27M::Models
{
  // A model that runs beside the one in force.
  struct ShadowCandidate
  {
    ModelEntry model;
    Support::UnixMs since = 0;  // studies that were finished earlier are left alone

    WorkState::ShadowModel GetModel() const
    {
      return {model.name, model.card["weights_sha256"].asString()};
    }
  };

  // Which model, if any, is tried out in the shadow of the one in force: on the same studies, and of what it says only
  // figures are kept. Kept in the work store; every change is in its audit by the route. Thread-safe.
  class ShadowChoice
  {
  public:
    // The references must outlive this object.
    ShadowChoice(const ModelCatalog& catalog, const ModelChoice& choice, WorkState::WorkStore& store,
                 const Support::IClock& clock);

    // Empty when none was chosen, when it is gone or cannot be read any more, and when it has come into force.
    std::optional<ShadowCandidate> Get() const;

    // Takes the place of another candidate; a candidate that is one already goes on. Throws Error(NotFound);
    // Error(BadInput) for an encoder or a card that cannot be read; Error(Conflict) for the model in force.
    void Set(const std::string& name);

    // Its figures stay. Throws Error(Conflict) when `name` is no candidate.
    void Clear(const std::string& name);

  private:
    const ModelCatalog& catalog_;
    const ModelChoice& choice_;
    WorkState::WorkStore& store_;
    const Support::IClock& clock_;
  };
}
