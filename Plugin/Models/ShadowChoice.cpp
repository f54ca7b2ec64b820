// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Models/ShadowChoice.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

namespace H3K27M::Models
{
  namespace
  {
    constexpr const char* CANDIDATE = "model/shadow";  // JSON {name, since}; empty: none
  }

  ShadowChoice::ShadowChoice(const ModelCatalog& catalog, const ModelChoice& choice, WorkState::WorkStore& store,
                             const Support::IClock& clock) :
    catalog_(catalog),
    choice_(choice),
    store_(store),
    clock_(clock)
  {
  }

  std::optional<ShadowCandidate> ShadowChoice::Get() const
  {
    const std::string text = store_.GetValue(CANDIDATE).value_or("");

    if (text.empty())
    {
      return std::nullopt;
    }

    const Json::Value chosen = Protocol::ParseJson(text);
    const std::string name = chosen["name"].asString();

    try
    {
      ShadowCandidate candidate{catalog_.Get(name), chosen["since"].asInt64()};
      const bool isUsable = candidate.model.fault.empty() && name != choice_.GetCurrent().name;
      return isUsable ? std::optional<ShadowCandidate>(std::move(candidate)) : std::nullopt;
    }
    catch (const Error& e)
    {
      if (e.GetCode() != ErrorCode::NotFound)
      {
        throw;
      }

      return std::nullopt;
    }
  }

  void ShadowChoice::Set(const std::string& name)
  {
    catalog_.GetUsable(name);

    if (name == choice_.GetCurrent().name)
    {
      throw Error(ErrorCode::Conflict, "The model " + name + " is in force: there is nothing to compare it with");
    }

    if (const std::optional<ShadowCandidate> candidate = Get(); candidate && candidate->model.name == name)
    {
      return;
    }

    Json::Value chosen;
    chosen["name"] = name;
    chosen["since"] = Json::Int64{clock_.NowMs()};
    store_.SetValue(CANDIDATE, Protocol::WriteCompactJson(chosen));
  }

  void ShadowChoice::Clear(const std::string& name)
  {
    const std::string text = store_.GetValue(CANDIDATE).value_or("");

    if (text.empty() || Protocol::ParseJson(text)["name"].asString() != name)
    {
      throw Error(ErrorCode::Conflict, "The model " + name + " is not in shadow");
    }

    store_.SetValue(CANDIDATE, "");
  }
}
