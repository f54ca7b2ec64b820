// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Rest/QueryText.h"
#include "Plugin/Rest/RequestBody.h"
#include "Plugin/Rest/Routes.h"
#include "Plugin/Support/KeyedHash.h"
#include "Plugin/Support/NullableJson.h"
#include "Plugin/Support/TimeText.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace H3K27M::Rest
{
  namespace
  {
    constexpr std::size_t MAX_RUNS = 1000;

    Json::Value ParseOrNull(const std::string& text)
    {
      return text.empty() ? Json::Value() : Protocol::ParseJson(text);
    }

    Json::Value ToJson(const WorkState::Run& run, const Services& services)
    {
      Json::Value json;
      json["id"] = run.id;
      json["kind"] = run.kind;
      json["state"] = std::string(WorkState::ToString(run.state));
      json["cancelling"] = run.isCancelling && !run.IsFinished();
      json["reason"] = Support::OrNull(run.reason);
      json["request"] = ParseOrNull(run.requestJson);
      json["dataset"] = Support::OrNull(run.datasetId);
      json["attempts"] = run.attempts;
      json["created_at"] = Support::TimeOrNull(run.createdAt);
      json["started_at"] = Support::TimeOrNull(run.startedAt);
      json["finished_at"] = Support::TimeOrNull(run.finishedAt);
      json["job"] = Support::OrNull(services.runs.FindJob(run.id));
      json["progress"] = services.runFolders.ReadProgress(run.id);
      json["result"] = ParseOrNull(run.resultJson);
      return json;
    }

    WorkState::Run RequireRun(const Services& services, const std::string& id)
    {
      const std::optional<WorkState::Run> run = services.store.GetRuns().Find(id);

      if (!run)
      {
        throw Error(ErrorCode::NotFound, "There is no run '" + id + "'");
      }

      return *run;
    }

    // Sorts by time, tells what it is, and may name a model.
    std::string MakeRunId(const std::string& kind)
    {
      const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
      std::string time = Support::ToRfc3339(now.count()).substr(0, 19);
      std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
      return kind + "-" + time + "-" + Support::MakeKey().substr(0, 6);
    }

    Answer StartRun(const Services& services, const Request& request)
    {
      const Runs::RunSpec spec = Runs::RunSpec::Parse(ParseBody(request));
      services.runs.Check(spec);
      WorkState::Run run;
      run.id = MakeRunId(spec.kind);
      run.kind = spec.kind;
      run.requestJson = Protocol::WriteCompactJson(spec.ToJson());
      run.datasetId = spec.dataset;
      services.store.GetRuns().Insert(run);
      services.runs.Wake();
      Answer answer = Answer::FromJson(ToJson(RequireRun(services, run.id), services), 202);
      answer.note = {run.id, spec.kind};
      return answer;
    }

    WorkState::RunState ParseState(const std::string& text)
    {
      if (const std::optional<WorkState::RunState> state = WorkState::FindRunState(text))
      {
        return *state;
      }

      throw Error(ErrorCode::BadInput,
                  "Query parameter 'state' must be queued, running, done, failed or cancelled, not '" + text + "'");
    }

    Answer ListRuns(const Services& services, const Request& request)
    {
      WorkState::RunQuery query;

      for (const auto& [name, value] : request.query)
      {
        if (name == "offset")
        {
          query.offset = ParseQueryNumber<std::uint32_t>(name, value);
        }
        else if (name == "limit")
        {
          query.limit = ParseQueryNumber<std::uint32_t>(name, value);
        }
        else if (name == "state")
        {
          query.state = ParseState(value);
        }
        else if (name == "kind")
        {
          query.kind = value;
        }
        else
        {
          throw Error(ErrorCode::BadInput, "Unknown query parameter '" + name + "'");
        }
      }

      RequireLimit(query.limit, MAX_RUNS);

      Json::Value json;
      json["total"] = static_cast<Json::UInt64>(services.store.GetRuns().Count(query));
      json["offset"] = static_cast<Json::UInt64>(query.offset);
      json["limit"] = static_cast<Json::UInt64>(query.limit);
      json["runs"] = Json::arrayValue;

      for (const WorkState::Run& run : services.store.GetRuns().List(query))
      {
        json["runs"].append(ToJson(run, services));
      }

      return Answer::FromJson(json);
    }

    Answer CompareRuns(const Services& services, const Request& request)
    {
      for (const auto& [name, value] : request.query)
      {
        if (name != "a" && name != "b")
        {
          throw Error(ErrorCode::BadInput, "Unknown query parameter '" + name + "'");
        }
      }

      if (request.query.size() != 2)
      {
        throw Error(ErrorCode::BadInput, "The query must name two runs, a and b");
      }

      return Answer::FromJson(services.runComparison.Compare(RequireRun(services, request.query.at("a")),
                                                             RequireRun(services, request.query.at("b"))));
    }

    Answer CancelRun(const Services& services, const std::string& id)
    {
      RequireRun(services, id);

      if (services.store.GetRuns().Cancel(id) == WorkState::RunQueue::Cancellation::Over)
      {
        throw Error(ErrorCode::Conflict, "The run " + id + " is over");
      }

      services.runs.Wake();
      return Answer::FromJson(ToJson(RequireRun(services, id), services), 202);
    }

    Answer ResumeRun(const Services& services, const std::string& id)
    {
      RequireRun(services, id);

      if (!services.store.GetRuns().Requeue(id))
      {
        throw Error(ErrorCode::Conflict, "Only a run that failed or was cancelled can be resumed");
      }

      services.runs.Wake();
      return Answer::FromJson(ToJson(RequireRun(services, id), services), 202);
    }

    Answer GetEvents(const Services& services, const Request& request, const std::string& id)
    {
      RequireRun(services, id);
      const auto found = request.query.find("offset");
      const std::uint64_t offset =
        found == request.query.end() ? 0 : ParseQueryNumber<std::uint64_t>("offset", found->second);
      Runs::RunFolders::EventPage page = services.runFolders.ReadEvents(id, offset);
      Answer answer{200, "application/x-ndjson", std::move(page.lines), {}};
      answer.headers["X-Next-Offset"] = std::to_string(page.next);
      return answer;
    }

    // And checkpoints.
    bool IsWeights(const std::string& path)
    {
      return path.find(".safetensors") != std::string::npos;
    }

    // Reports are for all who look; weights for those who may take a model out of the registry.
    std::optional<Answer> RefuseWeights(const Services& services, const Request& request, const std::string& path)
    {
      const Settings::Role needed = FindRouteAccess(Method::Get, "models/{name}/archive").role;

      if (!IsWeights(path) || services.access.Identify(request).role >= needed)
      {
        return std::nullopt;
      }

      return Answer::FromError(request, 403, "Weights need the role " + Settings::ToString(needed));
    }

    Answer GetArtifact(const Services& services, const Request& request, const std::string& id, const std::string& path)
    {
      RequireRun(services, id);

      if (std::optional<Answer> refusal = RefuseWeights(services, request, path))
      {
        return std::move(*refusal);
      }

      Answer answer{200, Runs::GetContentType(path), services.runFolders.ReadArtifact(id, path), {}};
      // Whatever a file holds, it must not act with the rights of this origin.
      answer.headers["Content-Security-Policy"] =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
      answer.headers["X-Content-Type-Options"] = "nosniff";

      if (IsWeights(path))
      {
        answer.note = {id, path, true};  // a file that is there: the name is the engine's
      }

      return answer;
    }

    Answer ListArtifacts(const Services& services, const std::string& id)
    {
      RequireRun(services, id);
      Json::Value json;
      json["artifacts"] = services.runFolders.ListArtifacts(id);
      return Answer::FromJson(json);
    }

    Answer ListDatasets(const Services& services)
    {
      Json::Value json;
      json["datasets"] = services.datasets.List();
      return Answer::FromJson(json);
    }
  }

  void AddRunRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Post, "runs",
               [&services](const Request& request, const PathParameters&) { return StartRun(services, request); });
    router.Add(Method::Get, "runs",
               [&services](const Request& request, const PathParameters&) { return ListRuns(services, request); });
    router.Add(Method::Get, "runs/compare",
               [&services](const Request& request, const PathParameters&) { return CompareRuns(services, request); });
    router.Add(Method::Get, "runs/presets", [&services](const Request&, const PathParameters&)
    { return Answer::FromJson(services.runs.GetPresets()); });
    router.Add(Method::Get, "runs/{run}", [&services](const Request&, const PathParameters& path)
    { return Answer::FromJson(ToJson(RequireRun(services, path.at("run")), services)); });
    router.Add(Method::Post, "runs/{run}/cancel",
               [&services](const Request&, const PathParameters& path) { return CancelRun(services, path.at("run")); });
    router.Add(Method::Post, "runs/{run}/resume",
               [&services](const Request&, const PathParameters& path) { return ResumeRun(services, path.at("run")); });
    router.Add(Method::Get, "runs/{run}/events", [&services](const Request& request, const PathParameters& path)
    { return GetEvents(services, request, path.at("run")); });
    router.Add(Method::Get, "runs/{run}/artifacts", [&services](const Request&, const PathParameters& path)
    { return ListArtifacts(services, path.at("run")); });
    router.Add(Method::Get, "runs/{run}/artifacts/{path*}",
               [&services](const Request& request, const PathParameters& path)
    { return GetArtifact(services, request, path.at("run"), path.at("path")); });
    router.Add(Method::Get, "datasets",
               [&services](const Request&, const PathParameters&) { return ListDatasets(services); });
  }
}
