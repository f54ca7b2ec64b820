// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Models/ModelChoice.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Support/Log.h"

namespace H3K27M::Models
{
  namespace
  {
    constexpr const char* CURRENT = "model/current";  // a name
    constexpr const char* HISTORY = "model/before";   // a JSON list of names, the last one last
    constexpr const char* GATE = "model/gate/";       // and a name: a verdict, as JSON

    bool IsAgainst(const Json::Value& gate, const ModelEntry& current)
    {
      return gate["baseline"]["weights_sha256"] == current.card["weights_sha256"];
    }
  }

  ModelChoice::ModelChoice(const ModelCatalog& catalog, WorkState::WorkStore& store,
                           std::function<void(const std::filesystem::path&)> onChange,
                           std::chrono::milliseconds lookAgain) :
    catalog_(catalog),
    store_(store),
    onChange_(std::move(onChange)),
    lookAgain_(lookAgain)
  {
  }

  ModelEntry ModelChoice::GetCurrent() const
  {
    const std::optional<std::string> promoted = store_.GetValue(CURRENT);

    if (promoted && *promoted != catalog_.GetConfiguredName())
    {
      try
      {
        ModelEntry entry = catalog_.Get(*promoted);

        if (entry.fault.empty())
        {
          return entry;
        }

        Support::Log::Warning("the promoted model " + *promoted + " cannot be read: " + entry.fault);
      }
      catch (const Error& e)
      {
        Support::Log::Warning(std::string(e.what()) + ", which was promoted; the configured one is used");
      }
    }

    ModelEntry configured = catalog_.Get(catalog_.GetConfiguredName());

    if (configured.fault.empty())
    {
      configured = catalog_.GetUsable(configured.name);
    }

    return configured;
  }

  void ModelChoice::CheckGate(const ModelEntry& candidate, const ModelEntry& current) const
  {
    // Whoever uploads a model writes its card; only a run of ours has measured what it says.
    if (candidate.run.empty())
    {
      throw Error(ErrorCode::Conflict,
                  std::string("No run of this server has compared the model with the one in force") +
                    (candidate.card["gate"].isObject() ? ": a verdict that its card brings along does not count"
                                                       : ": its gate is not passed"));
    }

    const Json::Value gate = FindGate(candidate, current);

    if (!gate.isObject())
    {
      throw Error(ErrorCode::Conflict, "The model was not compared with the one in force: its gate is not passed");
    }

    if (!gate["passed"].isBool() || !gate["passed"].asBool())
    {
      throw Error(ErrorCode::Conflict, "The gate is not passed: " + gate["reason"].asString());
    }

    if (!IsAgainst(gate, current))
    {
      throw Error(ErrorCode::Conflict, "The model was compared with " + gate["baseline"]["name"].asString() +
                                         ", which is not in force any more: have its gate judged once more");
    }
  }

  Json::Value ModelChoice::FindGate(const ModelEntry& model, const ModelEntry& current) const
  {
    if (model.run.empty())
    {
      return Json::Value();
    }

    const Json::Value& own = model.card["gate"];
    const std::optional<std::string> text = store_.GetValue(GATE + model.name);
    const Json::Value kept = text ? Protocol::ParseJson(*text) : Json::Value();

    // A run that was deleted may have had its name.
    if (!kept.isObject() || kept["candidate"]["weights_sha256"] != model.card["weights_sha256"])
    {
      return own;
    }

    return own.isObject() && IsAgainst(own, current) && !IsAgainst(kept, current) ? own : kept;
  }

  void ModelChoice::KeepGate(const ModelEntry& model, const Json::Value& verdict)
  {
    const std::string key = GATE + model.name;

    if (!store_.ExchangeValues(store_.GetValue(key), {{key, Protocol::WriteCompactJson(verdict)}},
                               {0, 0, "rest", "model-gate-judged", model.name,
                                std::string(verdict["passed"].asBool() ? "passed" : "not passed") + " against " +
                                  verdict["baseline"]["name"].asString() + ". " + verdict["reason"].asString()}))
    {
      throw Error(ErrorCode::Conflict, "The gate of " + model.name + " is being judged by another request: look again");
    }
  }

  std::vector<std::string> ModelChoice::ReadHistory() const
  {
    std::vector<std::string> names;
    const std::optional<std::string> text = store_.GetValue(HISTORY);

    for (const Json::Value& name : text ? Protocol::ParseJson(*text) : Json::Value(Json::arrayValue))
    {
      names.push_back(name.asString());
    }

    return names;
  }

  // The audit, the history and the model in force change together or not at all.
  void ModelChoice::Set(const ModelEntry& model, const std::optional<std::string>& promoted,
                        const std::vector<std::string>& before, const WorkState::AuditEntry& entry)
  {
    Json::Value list(Json::arrayValue);

    for (const std::string& name : before)
    {
      list.append(name);
    }

    if (!store_.ExchangeValues(promoted, {{CURRENT, model.name}, {HISTORY, Protocol::WriteCompactJson(list)}}, entry))
    {
      throw Error(ErrorCode::Conflict, "Another model was put in force meanwhile, by another Orthanc: look again");
    }

    onChange_(model.path);
    KeepTold(model.name, model.name);
  }

  bool ModelChoice::HasTold(const std::string& promoted) const
  {
    const std::lock_guard lock(toldMutex_);
    return told_ && told_->promoted == promoted &&
           (promoted.empty() || told_->model == promoted || std::chrono::steady_clock::now() < told_->lookAgain);
  }

  bool ModelChoice::IsLoaded(const std::string& model) const
  {
    const std::lock_guard lock(toldMutex_);
    return told_ && told_->model == model;
  }

  void ModelChoice::KeepTold(const std::string& promoted, const std::string& model)
  {
    const std::lock_guard lock(toldMutex_);
    told_ = {promoted, model, std::chrono::steady_clock::now() + lookAgain_};
  }

  void ModelChoice::Follow()
  {
    if (HasTold(store_.GetValue(CURRENT).value_or("")))
    {
      return;
    }

    const std::lock_guard lock(mutex_);
    const std::string promoted = store_.GetValue(CURRENT).value_or("");

    // Somebody here may have promoted it, or followed, since the look without the lock.
    if (HasTold(promoted))
    {
      return;
    }

    const ModelEntry model = GetCurrent();

    if (!IsLoaded(model.name))
    {
      onChange_(model.path);
    }

    KeepTold(promoted, model.name);
  }

  std::string ModelChoice::Promote(const Promotion& promotion)
  {
    const std::lock_guard lock(mutex_);
    const std::optional<std::string> promoted = store_.GetValue(CURRENT);
    const ModelEntry candidate = catalog_.GetUsable(promotion.name);
    const ModelEntry current = GetCurrent();

    // The configured one that stands in for a promoted one that is gone may be made the choice.
    if (candidate.name == current.name && promoted.value_or(catalog_.GetConfiguredName()) == candidate.name)
    {
      throw Error(ErrorCode::Conflict, "The model " + candidate.name + " is in force already");
    }

    if (promotion.overridesGate && promotion.reason.empty())
    {
      throw Error(ErrorCode::BadInput, "To pass over the gate needs a 'reason'");
    }

    if (!promotion.overridesGate)
    {
      CheckGate(candidate, current);
    }

    std::vector<std::string> before = ReadHistory();

    if (current.name != candidate.name)
    {
      before.push_back(current.name);
    }

    Set(candidate, promoted, before,
        {0, 0, "rest", promotion.overridesGate ? "model-promoted-over-gate" : "model-promoted", candidate.name,
         "instead of " + current.name + ". " + promotion.reason});
    return current.name;
  }

  std::optional<ModelEntry> ModelChoice::TakeLastUsable(const std::string& current, std::vector<std::string>& before,
                                                        std::string& skipped) const
  {
    while (!before.empty())
    {
      const std::string name = before.back();
      before.pop_back();

      // To go back to the one in force would change nothing and be reported as done.
      if (name == current)
      {
        continue;
      }

      try
      {
        return catalog_.GetUsable(name);
      }
      catch (const Error& e)
      {
        if (e.GetCode() != ErrorCode::NotFound && e.GetCode() != ErrorCode::BadInput)
        {
          throw;
        }

        skipped += ", past " + name + " (" + e.what() + ")";
      }
    }

    return std::nullopt;
  }

  std::string ModelChoice::FindPrevious() const
  {
    std::vector<std::string> before = ReadHistory();
    std::string skipped;
    const std::optional<ModelEntry> previous = TakeLastUsable(GetCurrent().name, before, skipped);
    return previous ? previous->name : std::string();
  }

  std::string ModelChoice::Rollback(const std::string& name, const std::string& reason)
  {
    const std::lock_guard lock(mutex_);
    const std::optional<std::string> promoted = store_.GetValue(CURRENT);
    const ModelEntry current = GetCurrent();
    std::vector<std::string> before = ReadHistory();

    if (current.name != name)
    {
      throw Error(ErrorCode::Conflict, "The model in force is " + current.name + ", not " + name);
    }

    if (before.empty())
    {
      throw Error(ErrorCode::Conflict, "No model was in force before " + name);
    }

    std::string skipped;
    const std::optional<ModelEntry> previous = TakeLastUsable(current.name, before, skipped);

    if (!previous)
    {
      throw Error(ErrorCode::Conflict, "No model that was in force before can be used" + skipped);
    }

    Set(*previous, promoted, before,
        {0, 0, "rest", "model-rolled-back", name, "back to " + previous->name + skipped + ". " + reason});
    return previous->name;
  }
}
