// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Labels/CsvReader.h"
#include "Plugin/Labels/LabelExport.h"
#include "Plugin/Labels/LabelFields.h"
#include "Plugin/Labels/LabelJson.h"
#include "Plugin/Rest/QueryText.h"
#include "Plugin/Rest/RequestBody.h"
#include "Plugin/Rest/Routes.h"

#include <functional>
#include <optional>

namespace H3K27M::Rest
{
  namespace
  {
    // As many as one import takes: each exported page can be sent back.
    constexpr std::size_t MAX_EXPORTED = 10'000;

    // Says what is there now, so that the annotator can look at it and keep what was typed.
    Answer DescribeLabelConflict(const Services& services, const Request& request, const std::string& studyId,
                                 const std::string& text)
    {
      const std::optional<WorkState::StudyLabel> now = services.labels.Look(studyId);
      Json::Value more;
      more["label"] = now ? Labels::ToJson(*now) : Json::Value();
      return Answer::FromError(request, 409, text, more);
    }

    WorkState::AuditActor GetActor(const Services& services, const Request& request)
    {
      const Caller caller = services.access.Identify(request);
      return {caller.user, Settings::ToString(caller.role)};
    }

    // What the change comes to, or the label in its way.
    Answer ChangeLabel(const Services& services, const Request& request, const std::string& studyId,
                       const std::function<Json::Value()>& change)
    {
      try
      {
        return Answer::FromJson(change());
      }
      catch (const Error& e)
      {
        if (e.GetCode() != ErrorCode::Conflict)
        {
          throw;
        }

        return DescribeLabelConflict(services, request, studyId, e.what());
      }
    }

    Answer SetLabel(const Services& services, const Request& request, const std::string& studyId)
    {
      const Labels::LabelRequest wanted = Labels::ParseLabelRequest(ParseBody(request));
      return ChangeLabel(services, request, studyId, [&]
      {
        const Labels::LabelChange change = services.labels.Set(studyId, wanted.label, "REST", wanted.replaces);
        Json::Value json = Labels::ToJson(change.label);
        json["changed"] = change.changed;
        return json;
      });
    }

    // Which label was seen stands in a header as with masks, because Orthanc keeps the query of a DELETE from plugins
    // (1.10.1).
    Answer WithdrawLabel(const Services& services, const Request& request, const std::string& studyId)
    {
      return ChangeLabel(services, request, studyId, [&]
      {
        const std::optional<WorkState::StudyLabel> label =
          services.labels.Withdraw(studyId, ParseSeen(request.GetHeader("h3k27m-replaces")));
        Json::Value json;
        json["study"] = studyId;
        json["withdrawn"] = label ? Labels::ToJson(*label) : Json::Value();
        return json;
      });
    }

    WorkState::ReportQuery ParseLabelQuery(const Request& request)
    {
      WorkState::ReportQuery query;
      query.limit = MAX_EXPORTED;

      for (const auto& [name, value] : request.query)
      {
        if (name == "after")
        {
          query.after = value;
        }
        else if (name == "limit")
        {
          query.limit = ParseQueryNumber<std::uint32_t>(name, value);
        }
        else
        {
          throw Error(ErrorCode::BadInput, "Unknown query parameter '" + name + "'");
        }
      }

      RequireLimit(query.limit, MAX_EXPORTED);

      return query;
    }

    Answer ExportLabels(const Services& services, const Request& request)
    {
      const WorkState::ReportQuery query = ParseLabelQuery(request);
      Labels::ExportedPage page = Labels::ExportLabels(services.store, query);
      Answer answer{200, "text/csv; charset=utf-8", std::move(page.csv), {}};
      answer.headers["Content-Disposition"] = "attachment; filename=\"labels.csv\"";

      if (!page.next.empty())
      {
        answer.headers["Link"] =
          "<labels?after=" + page.next + "&limit=" + std::to_string(query.limit) + ">; rel=\"next\"";
      }

      return answer;
    }

    Json::Value ToJson(const Labels::ImportReport& report, bool dryRun)
    {
      Json::Value json;
      json["dry_run"] = dryRun;
      json["ok"] = static_cast<Json::UInt64>(report.lines.size() - report.refused);
      json["refused"] = static_cast<Json::UInt64>(report.refused);
      json["changed"] = static_cast<Json::UInt64>(report.changed);
      json["lines"] = Json::arrayValue;

      for (const Labels::ImportedLine& line : report.lines)
      {
        const bool isRefused = !line.refusal.empty();
        Json::Value item;
        item["line"] = static_cast<Json::UInt64>(line.line);
        item["study"] = line.study.empty() ? Json::Value() : Json::Value(line.study);
        item["result"] = isRefused ? "refused" : "ok";
        item["reason"] = isRefused ? Json::Value(line.refusal) : Json::Value();
        item["change"] = isRefused ? Json::Value() : Json::Value(line.changed ? "changed" : "unchanged");
        json["lines"].append(item);
      }

      return json;
    }

    Answer ImportLabels(const Services& services, const Request& request, bool dryRun)
    {
      const Labels::ImportReport report = services.labelImport.Run(request.body, dryRun, GetActor(services, request));

      Answer answer = Answer::FromJson(ToJson(report, dryRun));
      answer.note.details = std::to_string(report.changed) + " changed, " + std::to_string(report.refused) +
                            " refused, of " + std::to_string(report.lines.size()) + " lines";
      return answer;
    }
  }

  void AddLabelRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "cases/{study}/label", [&services](const Request&, const PathParameters& path)
    { return Answer::FromJson(Labels::ToJson(services.labels.Get(path.at("study")))); });

    for (const Method method : {Method::Put, Method::Post})
    {
      router.Add(method, "cases/{study}/label", [&services](const Request& request, const PathParameters& path)
      { return SetLabel(services, request, path.at("study")); });
    }

    router.Add(Method::Delete, "cases/{study}/label", [&services](const Request& request, const PathParameters& path)
    { return WithdrawLabel(services, request, path.at("study")); }, {});
    router.Add(Method::Get, "labels",
               [&services](const Request& request, const PathParameters&) { return ExportLabels(services, request); });

    // The dry run has a path of its own: Orthanc's HTTP server drops the query of a POST (seen on 1.10.1), and
    // "labels?dry-run" would be the import itself.
    for (const bool dryRun : {false, true})
    {
      const auto handler = [&services, dryRun](const Request& request, const PathParameters&)
      { return ImportLabels(services, request, dryRun); };
      router.Add(Method::Post, dryRun ? "labels/dry-run" : "labels", handler, {"text/csv"},
                 Labels::CsvLimits().maxBytes);
    }
  }
}
