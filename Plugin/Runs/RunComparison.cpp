// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunComparison.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <string>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::chrono::seconds LIMIT(60);

    void RequireComparable(const WorkState::Run& run)
    {
      if (run.state != WorkState::RunState::Done)
      {
        throw Error(ErrorCode::Conflict,
                    "The run " + run.id + " is not done, it is " + std::string(WorkState::ToString(run.state)));
      }

      if (run.kind == "snapshot")
      {
        throw Error(ErrorCode::BadInput, "The run " + run.id + " is a snapshot: it trains and measures nothing");
      }
    }

    Json::Value Describe(const WorkState::Run& run)
    {
      Json::Value json;
      json["id"] = run.id;
      json["kind"] = run.kind;
      json["dataset"] = run.datasetId.empty() ? Json::Value() : Json::Value(run.datasetId);
      return json;
    }
  }

  RunComparison::RunComparison(const RunFolders& folders, Engine::EngineCommand engine) :
    folders_(folders),
    engine_(std::move(engine))
  {
  }

  Json::Value RunComparison::Compare(const WorkState::Run& a, const WorkState::Run& b) const
  {
    if (a.id == b.id)
    {
      throw Error(ErrorCode::BadInput, "Name two different runs");
    }

    RequireComparable(a);
    RequireComparable(b);
    const std::string answer =
      engine_.Run({"compare", "--json", "--fd", std::to_string(Engine::EngineCommand::ANSWER_DESCRIPTOR), "--a",
                   folders_.GetPath(a.id).string(), "--b", folders_.GetPath(b.id).string()},
                  LIMIT);
    Json::Value json = Protocol::ParseJson(answer);
    json["a"] = Describe(a);
    json["b"] = Describe(b);
    return json;
  }
}
