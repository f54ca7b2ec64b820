// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/HandChoice.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/WorkState/WorkStore.h"

namespace H3K27M::Pipeline
{
  std::optional<HandChoice> FindHandChoice(WorkState::WorkStore& store, const std::string& studyId)
  {
    const std::string text = store.GetValue(WorkState::MakeChoiceKey(studyId)).value_or("");

    if (text.empty())
    {
      return std::nullopt;
    }

    const Json::Value json = Protocol::ParseJson(text);
    return HandChoice{json["series"].asString(), json["by"].asString()};
  }

  void SetHandChoice(WorkState::WorkStore& store, const std::string& studyId, const HandChoice& choice)
  {
    Json::Value json;
    json["series"] = choice.seriesId;
    json["by"] = choice.by;
    store.SetValue(WorkState::MakeChoiceKey(studyId), Protocol::WriteCompactJson(json));
  }

  void WithdrawHandChoice(WorkState::WorkStore& store, const std::string& studyId)
  {
    if (!FindHandChoice(store, studyId))
    {
      throw Error(ErrorCode::NotFound, "No series of study " + studyId + " was chosen by hand");
    }

    store.SetValue(WorkState::MakeChoiceKey(studyId), "");  // as good as none; Forget() removes it
  }
}
