// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/GateJudgement.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::chrono::seconds GATE_LIMIT(60);

    // Of all evaluations so many are looked through, the newest first, and of each model so many are offered: what the
    // engine's command line holds.
    constexpr std::size_t MAX_EVALUATIONS = 1000;
    constexpr std::size_t MAX_RECORDS = 100;

    // How the engine begins where models were compared and the difference says nothing, of too few for instance.
    constexpr const char* NOT_JUDGED = "not judged: ";

    bool IsJudged(const Json::Value& gate)
    {
      return gate.isObject() && gate["comparison"].isObject() && !gate["reason"].asString().starts_with(NOT_JUDGED);
    }

    bool IsJudgedAgainst(const Json::Value& gate, const Models::ModelEntry& current)
    {
      return IsJudged(gate) && gate["baseline"]["weights_sha256"] == current.card["weights_sha256"];
    }
  }

  GateJudgement::GateJudgement(WorkState::WorkStore& store, const Models::ModelCatalog& models,
                               Models::ModelChoice& choice, const RunFolders& folders, Engine::EngineCommand engine) :
    store_(store),
    models_(models),
    choice_(choice),
    folders_(folders),
    engine_(std::move(engine))
  {
  }

  // First that of the run that made it, whose patients were declared with the model. A name may have been another
  // model's: the engine compares the weights.
  std::vector<std::filesystem::path> GateJudgement::ListRecords(const Models::ModelEntry& model) const
  {
    std::vector<std::filesystem::path> records;

    if (!model.run.empty())
    {
      records.push_back(model.path.parent_path());
    }

    WorkState::RunQuery query;
    query.limit = MAX_EVALUATIONS;
    query.state = WorkState::RunState::Done;
    query.kind = "evaluate";

    for (const WorkState::Run& run : store_.GetRuns().List(query))
    {
      if (records.size() < MAX_RECORDS && Protocol::ParseJson(run.requestJson)["from"] == model.name)
      {
        records.push_back(folders_.GetPath(run.id));
      }
    }

    return records;
  }

  void GateJudgement::AddModel(std::vector<std::string>& arguments, const std::string& option,
                               const Models::ModelEntry& model) const
  {
    arguments.push_back("--" + option);
    arguments.push_back(model.path.string());

    for (const std::filesystem::path& record : ListRecords(model))
    {
      arguments.push_back("--" + option + "-run");
      arguments.push_back(record.string());
    }
  }

  Json::Value GateJudgement::Judge(const std::string& name) const
  {
    const Models::ModelEntry candidate = models_.GetUsable(name);
    const Models::ModelEntry current = choice_.GetCurrent();

    if (candidate.name == current.name)
    {
      throw Error(ErrorCode::Conflict, "The model " + name + " is in force: there is none to hold it against");
    }

    // An upload's card says of its training what its sender wrote.
    if (candidate.run.empty())
    {
      throw Error(ErrorCode::Conflict,
                  "No run of this server made the model " + name + ": its gate cannot be judged here");
    }

    // Else whoever evaluates both models on one data set after another could go on until a verdict pleases.
    if (IsJudgedAgainst(candidate.card["gate"], current))
    {
      throw Error(ErrorCode::Conflict, "The run that made " + name + " has judged its gate against " + current.name +
                                         ": that verdict stands");
    }

    std::vector<std::string> arguments{"gate", "--fd", std::to_string(Engine::EngineCommand::ANSWER_DESCRIPTOR)};
    AddModel(arguments, "candidate", candidate);
    AddModel(arguments, "baseline", current);
    const Json::Value verdict = Protocol::ParseJson(engine_.Run(arguments, GATE_LIMIT));

    // What judges nothing takes no verdict's place.
    const bool isKept = IsJudged(verdict) || !IsJudgedAgainst(choice_.FindGate(candidate, current), current);

    if (!verdict["comparison"].isObject() || !isKept)
    {
      throw Error(ErrorCode::Conflict,
                  "The gate of " + name + " against " + current.name + ": " + verdict["reason"].asString());
    }

    choice_.KeepGate(candidate, verdict);
    return verdict;
  }
}
