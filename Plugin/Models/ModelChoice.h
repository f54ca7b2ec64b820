// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Models/ModelCatalog.h"
#include "Plugin/WorkState/WorkStore.h"

#include <chrono>
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
    // `onChange` is called with the new model's folder; it has the engine load it. `lookAgain`: so long a promoted
    // model that cannot be read is not looked for again. The references must outlive this object.
    ModelChoice(const ModelCatalog& catalog, WorkState::WorkStore& store,
                std::function<void(const std::filesystem::path&)> onChange,
                std::chrono::milliseconds lookAgain = std::chrono::seconds(30));

    // The one in force. When the promoted one is gone, the configured one.
    ModelEntry GetCurrent() const;

    // Whoever promotes; `override` passes over a gate that was not passed, and needs a reason. Returns the model
    // before. Throws Error(NotFound); Error(BadInput) for an encoder, a card that cannot be read, or an override
    // without a reason; Error(Conflict), which says why, for the one that is in force already, and when the gate that
    // was declared before is not passed: FindGate() must be passed, against the model in force.
    struct Promotion
    {
      std::string name;
      bool overridesGate = false;
      std::string reason;
    };
    std::string Promote(const Promotion& promotion);

    // The verdict of its gate that counts for `model`, held against `current`: what KeepGate() was told of these
    // weights, or what the run that made it wrote into its card; of the two the one that is against `current`, else the
    // later. Null when no run of this server made it, or nothing was judged.
    Json::Value FindGate(const ModelEntry& model, const ModelEntry& current) const;

    // What the engine found when the gate of a model was judged once more (Plugin/Runs/GateJudgement.h), and an entry
    // in the audit. Throws Error(Conflict) when another one is kept at the same time.
    void KeepGate(const ModelEntry& model, const Json::Value& verdict);

    // Back to the last model before `name`, which must be in force, that can still be used; those that cannot are named
    // in the audit. Returns the one that is in force now. Throws Error(Conflict) when another is in force, or none was
    // before that can be used.
    std::string Rollback(const std::string& name, const std::string& reason);

    // The one that Rollback() would go back to now; empty where there is none.
    std::string FindPrevious() const;

    // Has the engine load the model in force where it was not told yet: at the start, when another Orthanc on the same
    // work store has promoted one, and when the promoted one can be read again. Cheap when nothing has changed.
    void Follow();

  private:
    // What the engine was told last: a model, in the place of the promoted one (empty: none was) or this one itself.
    struct Told
    {
      std::string promoted;
      std::string model;
      std::chrono::steady_clock::time_point lookAgain;
    };

    void CheckGate(const ModelEntry& candidate, const ModelEntry& current) const;
    std::optional<ModelEntry> TakeLastUsable(const std::string& current, std::vector<std::string>& before,
                                             std::string& skipped) const;
    void Set(const ModelEntry& model, const std::optional<std::string>& promoted,
             const std::vector<std::string>& before, const WorkState::AuditEntry& entry);
    bool HasTold(const std::string& promoted) const;
    bool IsLoaded(const std::string& model) const;
    void KeepTold(const std::string& promoted, const std::string& model);
    std::vector<std::string> ReadHistory() const;

    const ModelCatalog& catalog_;
    WorkState::WorkStore& store_;
    std::function<void(const std::filesystem::path&)> onChange_;
    std::mutex mutex_;  // one change at a time
    mutable std::mutex toldMutex_;
    std::optional<Told> told_;  // guarded by toldMutex_
    const std::chrono::milliseconds lookAgain_;
  };
}
