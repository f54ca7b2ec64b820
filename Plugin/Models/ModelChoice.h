// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Models/ModelCatalog.h"
#include "Plugin/WorkState/WorkStore.h"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Models
{
  // Which model triage uses: the configured one, until another is promoted. Kept in the work store, with those before,
  // and every change in its audit. Thread-safe.
  class ModelChoice
  {
  public:
    // `onChange` is called with the new model's folder; it has the engine load it. The references must outlive this
    // object.
    ModelChoice(const ModelCatalog& catalog, WorkState::WorkStore& store,
                std::function<void(const std::filesystem::path&)> onChange);

    // The one in force. When the promoted one is gone, the configured one.
    ModelEntry GetCurrent() const;

    // Whoever promotes; `override` passes over a gate that was not passed, and needs a reason. Returns the model
    // before. Throws Error(NotFound); Error(BadInput) for an encoder, a card that cannot be read, or an override
    // without a reason; Error(Conflict), which says why, when the gate that was declared before is not passed: the
    // card's `gate` must be passed, against the model in force, and made by a run of this server.
    struct Promotion
    {
      std::string name;
      bool overridesGate = false;
      std::string reason;
    };
    std::string Promote(const Promotion& promotion);

    // Back to the last model before `name`, which must be in force, that can still be used; those that cannot are named
    // in the audit. Returns the one that is in force now. Throws Error(Conflict) when another is in force, or none was
    // before that can be used.
    std::string Rollback(const std::string& name, const std::string& reason);

    // Has the engine load the model in force where it was not told yet: at the start, and when another Orthanc on the
    // same work store has promoted one. Cheap when nothing has changed.
    void Follow();

  private:
    void CheckGate(const ModelEntry& candidate, const ModelEntry& current) const;
    ModelEntry TakeLastUsable(std::vector<std::string>& before, std::string& skipped) const;
    void Set(const ModelEntry& model, const std::vector<std::string>& before);
    bool HasTold(const std::string& promoted) const;
    void Tell(const std::string& promoted, const ModelEntry& model);
    std::vector<std::string> ReadHistory() const;

    const ModelCatalog& catalog_;
    WorkState::WorkStore& store_;
    std::function<void(const std::filesystem::path&)> onChange_;
    std::mutex mutex_;  // one change at a time
    mutable std::mutex toldMutex_;
    std::optional<std::string> told_;  // the promoted model's name that the engine was told last; guarded by toldMutex_
  };
}
