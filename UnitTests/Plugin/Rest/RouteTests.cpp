// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Routes that change something, over a work store in SQLite and the fakes of the pipeline's tests.

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Rest/Routes.h"
#include "UnitTests/Plugin/Pipeline/WorkerPoolFixture.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>

namespace H3K27M::Rest
{
  using WorkState::ClaimScope;
  using WorkState::TaskState;

  namespace
  {
    constexpr std::chrono::minutes LEASE(1);

    class RouteTest : public Testing::WorkerPoolFixture
    {
    protected:
      RouteTest() :
        workers_(*store_, engine_, triage_, MakeOptions()),
        intake_(archive_, *store_, clock_, MakeIntakeOptions()),
        phantoms_(archive_, engine_),
        masks_(archive_, triage_, claims_),
        view_(archive_, triage_, decoder_, *store_),
        models_(folder_.GetPath(), folder_.GetPath() / "runs", folder_.GetPath() / "uploads"),
        modelChoice_(models_, *store_, [](const std::filesystem::path&) {}),
        shadowChoice_(models_, modelChoice_, *store_, clock_),
        exchange_(models_, *store_, {folder_.GetPath() / "uploads", "test", 1000, [](const std::filesystem::path&) {}}),
        studyExport_(archive_, triage_, decoder_),
        datasets_(*store_, studyExport_, {folder_.GetPath() / "datasets", "test"}),
        runFolders_(folder_.GetPath() / "runs"),
        runs_(*store_, datasets_, models_, modelChoice_, runFolders_, {}),
        runComparison_(runFolders_, Engine::EngineCommand({})),
        gates_(*store_, models_, modelChoice_, runFolders_, Engine::EngineCommand({})),
        labels_(archive_, *store_, clock_, Volume::VolumeLimits()),
        labelImport_(archive_, labels_),
        reviews_(archive_, *store_, clock_, Volume::VolumeLimits(), claims_),
        services_{settings_, access_,      archive_,      *store_,        engine_,
                  triage_,   intake_,      workers_,      phantoms_,      masks_,
                  models_,   modelChoice_, shadowChoice_, exchange_,      datasets_,
                  view_,     runFolders_,  runs_,         runComparison_, gates_,
                  labels_,   labelImport_, reviews_,      "0.0.0",        [this] { restarts_++; },
                  [] {},     [] {}}
      {
        AddStatusRoutes(router_, services_);
        AddAccessRoutes(router_, services_);
        AddCaseRoutes(router_, services_);
        AddLabelRoutes(router_, services_);
        AddReviewRoutes(router_, services_);
        AddMaskRoutes(router_, services_);
        AddQueueRoutes(router_, services_);
        AddDeliveryRoutes(router_, services_);
        AddModelRoutes(router_, services_);
        AddShadowRoutes(router_, services_);
        AddRunRoutes(router_, services_);
        AddViewRoutes(router_, services_);
        AddPhantomRoutes(router_, services_);
      }

      static Pipeline::IntakeOptions MakeIntakeOptions()
      {
        Pipeline::IntakeOptions options;
        options.onQueued = [] {};
        return options;
      }

      Answer Post(const std::string& path, const std::string& contentType = "application/json")
      {
        Request request;
        request.method = Method::Post;
        request.path = path;
        request.headers["content-type"] = contentType;
        return router_.Handle(request);
      }

      Answer Send(Method method, const std::string& path, const std::string& body = {},
                  const std::string& contentType = "application/json")
      {
        Request request;
        request.method = method;
        request.path = path;
        request.body = body;
        request.headers["content-type"] = contentType;
        return router_.Handle(request);
      }

      std::string RequestTriage()
      {
        const Answer answer = Post(std::string("cases/") + STUDY + "/triage");
        EXPECT_EQ(202, answer.status) << answer.body;
        return Protocol::ParseJson(answer.body)["state"].asString();
      }

      WorkState::Task Claim()
      {
        return store_->Claim("test", LEASE).value();
      }

      Settings::Settings settings_;
      Pipeline::WorkerPool workers_;  // not started: the tests claim
      Pipeline::StudyIntake intake_;
      Pipeline::PhantomStudies phantoms_;
      Support::StudyClaims claims_;
      Masks::MaskService masks_;
      Review::CaseView view_;
      Models::ModelCatalog models_;
      Models::ModelChoice modelChoice_;
      Models::ShadowChoice shadowChoice_;
      Models::ModelExchange exchange_;
      Datasets::StudyExport studyExport_;
      Datasets::DatasetSnapshot datasets_;
      Runs::RunFolders runFolders_;
      Runs::RunPool runs_;  // not started
      Runs::RunComparison runComparison_;
      Runs::GateJudgement gates_;
      Labels::StudyLabels labels_;
      Labels::LabelImport labelImport_;
      Review::StudyReviews reviews_;
      unsigned restarts_ = 0;
      AccessPolicy access_{settings_.access, {false, false}};  // Orthanc of this machine alone
      Services services_;
      Router router_{access_, [this](const WorkState::AuditEntry& entry) { store_->AppendAudit(entry); }};
    };
  }

  TEST_F(RouteTest, TheStatusSaysWhereTheViewerIs)
  {
    EXPECT_TRUE(Protocol::ParseJson(Send(Method::Get, "status").body)["viewer"].isNull());
    settings_.viewer = "/ohif/viewer?StudyInstanceUIDs={StudyInstanceUID}";
    EXPECT_EQ(settings_.viewer, Protocol::ParseJson(Send(Method::Get, "status").body)["viewer"].asString());
  }

  TEST_F(RouteTest, TheStatusCountsWhatIsSentOnAndWhatWasGivenUp)
  {
    Enqueue();
    WorkState::TaskResult result;
    result.json = "{}";
    result.deliveries = {{"pacs", "1.2", "[]"}, {"hook", "1.2", "[]"}};
    ASSERT_TRUE(store_->Finish(Claim().GetTicket(), result));
    WorkState::Delivery dead = store_->GetDeliveries().Claim("pacs", "test", LEASE).value();
    dead.Fail("refused", false, {}, clock_.NowMs());
    ASSERT_TRUE(store_->GetDeliveries().Update(dead));
    const Json::Value counts = Protocol::ParseJson(Send(Method::Get, "status").body)["deliveries"];
    EXPECT_EQ(1u, counts["dead"].asUInt());
    EXPECT_EQ(1u, counts["waiting"].asUInt());
    EXPECT_EQ(0u, counts["delivered"].asUInt());
  }

  // index.html names its script by a relative address: under "app" that is not "app/app.js".
  TEST_F(RouteTest, TheDashboardWithoutTheSlashGoesOnToTheOneWithIt)
  {
    EXPECT_THAT(Send(Method::Get, "app").body, testing::HasSubstr("src=\"app.js\""));
    const Answer script = Send(Method::Get, "app.js");
    EXPECT_EQ(200, script.status);
    EXPECT_EQ("text/javascript; charset=utf-8", script.contentType);
    EXPECT_THAT(script.body, testing::HasSubstr("location.replace('app/'"));
  }

  TEST_F(RouteTest, AnAdministratorCanRestartTheEngine)
  {
    const Answer answer = Post("status/engine-restart");
    EXPECT_EQ(202, answer.status) << answer.body;
    EXPECT_EQ("ready", Protocol::ParseJson(answer.body)["state"].asString());
    EXPECT_EQ(1u, restarts_);
    EXPECT_EQ("restartEngine", store_->ListAudit({}).at(0).what);

    EXPECT_EQ(415, Post("status/engine-restart", "text/plain").status) << "a foreign page could send this";
    EXPECT_EQ(1u, restarts_);
  }

  TEST_F(RouteTest, EveryRouteIsInTheDescriptionOfTheInterface)
  {
    Request request;
    request.path = "openapi.json";
    const Json::Value described = Protocol::ParseJson(router_.Handle(request).body)["paths"];

    std::size_t operations = 0;

    for (const std::string& route : router_.ListRoutes())
    {
      EXPECT_TRUE(described.isMember("/" + route.substr(route.find(' ') + 1))) << route;
    }

    for (const std::string& path : described.getMemberNames())
    {
      operations += described[path].size();
    }

    EXPECT_EQ(router_.ListRoutes().size(), operations);
  }

  TEST_F(RouteTest, EveryRouteDeclaresTheRoleThatTheDescriptionStates)
  {
    const Json::Value described = Protocol::ParseJson(Send(Method::Get, "openapi.json").body)["paths"];
    std::set<std::string> declared;

    for (const RouteAccess& route : ListRouteAccess())
    {
      const std::string pattern(route.pattern);
      std::string method = ToString(route.method);
      declared.insert(method + " " + pattern);
      std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::tolower(c); });
      const Json::Value& operation = described["/" + pattern][method];
      EXPECT_EQ(Settings::ToString(route.role), operation["x-role"].asString()) << pattern;
      EXPECT_EQ(route.operation, operation["operationId"].asString()) << pattern;
      EXPECT_TRUE(route.role == Settings::Role::None || operation["responses"].isMember("403")) << pattern;
    }

    const std::vector<std::string> routes = router_.ListRoutes();
    EXPECT_EQ(declared, std::set<std::string>(routes.begin(), routes.end()));
  }

  TEST_F(RouteTest, TheAuditSaysWhoWantedWhatAndWhatBecameOfIt)
  {
    const std::string path = std::string("cases/") + STUDY + "/triage";
    Enqueue();
    EXPECT_EQ(202, Post(path).status);
    EXPECT_EQ(400, Send(Method::Post, path, "{").status);
    EXPECT_EQ(415, Post(path, "text/plain").status);
    EXPECT_EQ(404, Post("cases/Zweibruecken/triage").status);

    const Json::Value audit = Protocol::ParseJson(Send(Method::Get, "audit").body)["entries"];
    ASSERT_EQ(4u, audit.size());
    EXPECT_TRUE(audit[0]["subject"].isNull()) << "a name that somebody typed into a path";
    EXPECT_EQ("refused", audit[1]["outcome"].asString());
    EXPECT_EQ("failed", audit[2]["outcome"].asString());
    EXPECT_EQ("HTTP 400", audit[2]["details"].asString());
    EXPECT_EQ("done", audit[3]["outcome"].asString());
    EXPECT_EQ("triageCase", audit[3]["action"].asString());
    EXPECT_EQ("administrator", audit[3]["role"].asString());
    EXPECT_TRUE(audit[3]["user"].isNull());

    Request request;
    request.path = "audit";
    request.query = {{"limit", "2"}, {"before", audit[1]["id"].asString()}, {"action", "triageCase"}};
    const Json::Value older = Protocol::ParseJson(router_.Handle(request).body);
    EXPECT_EQ(audit[2], older["entries"][0]);
    EXPECT_EQ(audit[3]["id"], older["next_before"]);
    request.query["before"] = "99999999999";  // identifiers have 64 bits
    EXPECT_EQ(audit[0]["id"], Protocol::ParseJson(router_.Handle(request).body)["entries"][0]["id"]);
    request.query = {{"action", "listAudit"}};
    EXPECT_EQ(3u, Protocol::ParseJson(router_.Handle(request).body)["entries"].size())
      << "each look at it stands there";
    request.query = {{"format", "csv"}, {"action", "triageCase"}};
    EXPECT_THAT(router_.Handle(request).body, testing::HasSubstr(",administrator,triageCase,"));

    for (const char* day : {"2026-02-30", "today", "2026-1-01", "2026-01-01T00"})
    {
      request.query = {{"since", day}};
      EXPECT_EQ(400, router_.Handle(request).status) << day;
    }
  }

  TEST_F(RouteTest, AskingForADeadOrCancelledCaseQueuesItAgain)
  {
    Enqueue();
    store_->Fail(Claim().GetTicket(), "no", false, {});
    ASSERT_EQ(TaskState::Dead, GetState());
    EXPECT_EQ("queued", RequestTriage());

    store_->Cancel(store_->FindByStudy(STUDY)->id, "");
    EXPECT_EQ("queued", RequestTriage());

    store_->Fail(Claim().GetTicket(), "engine died", true, {});
    ASSERT_EQ(TaskState::Failed, GetState());
    EXPECT_EQ("queued", RequestTriage());
    EXPECT_EQ(1u, Claim().attempts);
  }

  TEST_F(RouteTest, AskingForACaseThatWaitsForStabilityTakesItUpAtOnce)
  {
    const auto study = archive_.GetStudy(STUDY);
    store_->Enqueue({STUDY, study->studyInstanceUid, Pipeline::ComputeFingerprint(*study), WorkState::Priority::Routine,
                     clock_.NowMs() + 3600000});
    EXPECT_FALSE(store_->Claim("test", LEASE));
    EXPECT_EQ("queued", RequestTriage());
    EXPECT_TRUE(store_->Claim("test", LEASE));
  }

  TEST_F(RouteTest, WhatWasAskedForIsTakenUpAlthoughTriageIsOff)
  {
    Enqueue();
    EXPECT_FALSE(store_->Claim("test", LEASE, ClaimScope::Requested));
    RequestTriage();
    EXPECT_TRUE(store_->Claim("test", LEASE, ClaimScope::Requested));
  }

  TEST_F(RouteTest, AskingForACaseThatIsDoneChangesNothing)
  {
    Enqueue();
    store_->Finish(Claim().GetTicket(), {});
    EXPECT_EQ("done", RequestTriage());
  }

  TEST_F(RouteTest, ASeriesIsChosenByHandAndTheChoiceGivenBack)
  {
    const std::string path = std::string("cases/") + STUDY + "/series";
    const auto Look = [this]
    { return Protocol::ParseJson(Send(Method::Get, std::string("cases/") + STUDY).body)["series_choice"]; };
    Enqueue();
    store_->Finish(Claim().GetTicket(), {});
    EXPECT_EQ(400, Send(Method::Put, path, "{}").status);
    EXPECT_EQ(400, Send(Method::Put, path, R"({"series": "E2.25.2001", "by": "another"})").status);
    EXPECT_EQ(404, Send(Method::Put, path, R"({"series": "E2.25.2002"})").status);
    EXPECT_EQ(404, Send(Method::Delete, path).status);
    EXPECT_EQ(404, Send(Method::Put, "cases/nobody/series", R"({"series": "E2.25.2001"})").status);
    EXPECT_TRUE(Look().isNull());
    ASSERT_EQ(TaskState::Done, GetState());

    const Answer chosen = Send(Method::Put, path, R"({"series": "E2.25.2001"})");
    ASSERT_EQ(202, chosen.status) << chosen.body;
    EXPECT_EQ(TaskState::Queued, GetState()) << "its images are known, and another of them is read";
    EXPECT_EQ("E2.25.2001", Look()["series"].asString());
    EXPECT_TRUE(Look()["by"].isNull()) << "the request named nobody";
    EXPECT_EQ("chooseSeries", store_->ListAudit({}).at(0).what);
    EXPECT_EQ("series E2.25.2001", store_->ListAudit({}).at(0).details);

    store_->Finish(Claim().GetTicket(), {});
    ASSERT_EQ(202, Send(Method::Delete, path).status);
    EXPECT_EQ(TaskState::Queued, GetState());
    EXPECT_TRUE(Look().isNull());
    EXPECT_EQ("withdrawSeries", store_->ListAudit({}).at(0).what);
  }

  TEST_F(RouteTest, TheWorklistSaysWhatTheModelSays)
  {
    Enqueue();
    EXPECT_TRUE(Protocol::ParseJson(Send(Method::Get, "cases").body)["cases"][0]["status"].isNull());
    WorkState::TaskResult result;
    result.json = R"({"prediction": {"status": "wild-type"}})";
    store_->Finish(Claim().GetTicket(), result);
    EXPECT_EQ("wild-type", Protocol::ParseJson(Send(Method::Get, "cases").body)["cases"][0]["status"].asString());
  }

  // What a review is held against, and whether a volume of zero means that nothing was found.
  TEST_F(RouteTest, TheWorklistSaysWhichReportTheResultStandsInAndWhatKindOfModelMadeIt)
  {
    Enqueue();
    const auto Look = [this] { return Protocol::ParseJson(Send(Method::Get, "cases").body)["cases"][0]; };
    EXPECT_EQ(Json::Value(), Look()["report_instance_uid"]);

    for (const char* report : {"\"I2.25.12\"", "null"})
    {
      WorkState::TaskResult result;
      result.json = std::string(R"({"report": )") + report + R"(, "report_instance_uid": "2.25.12",
        "model": {"name": "m", "version": "1", "variant": "classification"}, "prediction": {"status": "altered"}})";
      store_->Finish(Claim().GetTicket(), result);
      const Json::Value row = Look();
      EXPECT_EQ(std::string(report) == "null" ? Json::Value() : Json::Value("2.25.12"), row["report_instance_uid"]);
      EXPECT_EQ("classification", row["model"]["variant"].asString());
      store_->Enqueue({STUDY, "2.25.1001", "another state"});
    }
  }

  TEST_F(RouteTest, ALabelIsSetShownAndWithdrawn)
  {
    const std::string path = std::string("cases/") + STUDY + "/label";
    const std::string body = R"({"genotype": "altered", "assay": "ihc", "site": "Bonn", "pre_operative": true,
      "split": "development", "annotator": "A"})";
    EXPECT_EQ(404, Send(Method::Get, path).status);
    EXPECT_EQ(400, Send(Method::Put, path, R"({"genotype": "mutant", "colour": 1})").status);

    EXPECT_TRUE(Protocol::ParseJson(Send(Method::Put, path, body).body)["changed"].asBool());
    EXPECT_FALSE(Protocol::ParseJson(Send(Method::Post, path, body).body)["changed"].asBool());
    const Json::Value stored = Protocol::ParseJson(Send(Method::Get, path).body);
    EXPECT_EQ("ihc", stored["assay"].asString());

    std::string other = body;
    other.replace(other.find("ihc"), 3, "other");
    other.insert(1, R"("replaces": "", )");
    const Answer conflict = Send(Method::Put, path, other);
    EXPECT_EQ(409, conflict.status);
    EXPECT_EQ(stored["stored"], Protocol::ParseJson(conflict.body)["label"]["stored"]);

    Enqueue();
    EXPECT_EQ("ihc",
              Protocol::ParseJson(Send(Method::Get, std::string("cases/") + STUDY).body)["label"]["assay"].asString());
    EXPECT_EQ("ihc", Protocol::ParseJson(Send(Method::Get, "cases").body)["cases"][0]["label"]["assay"].asString());

    EXPECT_EQ(200, Send(Method::Delete, path).status);
    EXPECT_EQ(404, Send(Method::Delete, path).status);
    EXPECT_TRUE(Protocol::ParseJson(Send(Method::Get, "cases").body)["cases"][0]["label"].isNull());
  }

  // Without a model nothing is queued, and the archive is there to be labelled all the same.
  TEST_F(RouteTest, StudiesThatWereNotLookedAtAreListedWithWhatPeopleSaidOfThem)
  {
    const auto Look = [this](std::map<std::string, std::string> query = {})
    {
      Request request;
      request.path = "cases/not-looked-at";
      request.query = std::move(query);
      const Answer answer = router_.Handle(request);
      EXPECT_EQ(200, answer.status) << answer.body;
      return Protocol::ParseJson(answer.body);
    };
    ASSERT_EQ(1u, Look()["studies"].size());
    EXPECT_EQ(STUDY, Look()["studies"][0]["study"].asString());
    EXPECT_TRUE(Look()["studies"][0]["label"].isNull());
    EXPECT_TRUE(Look()["next"].isNull()) << "the archive ends here";

    const std::string body = R"({"genotype": "altered", "assay": "ihc", "site": "Bonn", "pre_operative": true,
      "split": "development", "annotator": "A"})";
    ASSERT_EQ(200, Send(Method::Put, std::string("cases/") + STUDY + "/label", body).status);
    EXPECT_EQ("altered", Look()["studies"][0]["label"]["genotype"].asString());
    EXPECT_EQ(1u, Look({{"reviewed", "false"}})["studies"].size());
    EXPECT_EQ(0u, Look({{"reviewed", "true"}})["studies"].size());
    EXPECT_EQ(0u, Look({{"masked", "true"}})["studies"].size());
    EXPECT_EQ(1u, Look({{"label", "altered"}})["studies"].size());
    EXPECT_EQ(0u, Look({{"label", "wild-type"}})["studies"].size());
    EXPECT_EQ(0u, Look({{"label", "none"}})["studies"].size());
    EXPECT_EQ(1u, Look({{"study", STUDY}})["studies"].size());

    Enqueue();
    EXPECT_EQ(0u, Look()["studies"].size());
    EXPECT_EQ(0u, Look({{"study", STUDY}})["studies"].size());

    const std::vector<std::pair<std::string, std::string>> wrong = {
      {"colour", "red"}, {"limit", "0"}, {"limit", "201"}, {"since", "x"}};

    for (const auto& [name, value] : wrong)
    {
      Request request;
      request.path = "cases/not-looked-at";
      request.query[name] = value;
      EXPECT_EQ(400, router_.Handle(request).status) << name;
    }
  }

  TEST_F(RouteTest, TheListOfWhatWasNotLookedAtIsGoneOnWithWhereAPageEnded)
  {
    for (const char* const uid : {"2.25.1002", "2.25.1003", "2.25.1004"})
    {
      Support::DicomSeriesOptions options;
      options.slices = 1;
      options.studyInstanceUid = uid;
      options.seriesInstanceUid = std::string(uid) + ".1";
      StoreSeries(options);
    }

    Enqueue();  // the first one of the archive
    Request request;
    request.path = "cases/not-looked-at";
    request.query = {{"limit", "2"}};
    const Json::Value first = Protocol::ParseJson(router_.Handle(request).body);
    ASSERT_EQ(2u, first["studies"].size());
    EXPECT_EQ("S2.25.1002", first["studies"][0]["study"].asString());
    EXPECT_EQ(3u, first["next"].asUInt()) << "of the places in the archive";

    request.query["since"] = first["next"].asString();
    const Json::Value second = Protocol::ParseJson(router_.Handle(request).body);
    ASSERT_EQ(1u, second["studies"].size());
    EXPECT_EQ("S2.25.1004", second["studies"][0]["study"].asString());
    EXPECT_TRUE(second["next"].isNull());
  }

  TEST_F(RouteTest, TheWorklistIsFilteredByWhatNeedsAPersonAndByTheLabel)
  {
    const auto Ask = [this](std::map<std::string, std::string> query)
    {
      Request request;
      request.path = "cases";
      request.query = std::move(query);
      const Answer answer = router_.Handle(request);
      return answer.status == 200 ? Protocol::ParseJson(answer.body)["total"].asString()
                                  : std::to_string(answer.status);
    };
    Enqueue();
    EXPECT_EQ("0", Ask({{"needs-person", "true"}})) << "it waits";
    EXPECT_EQ("1", Ask({{"needs-person", "false"}}));
    store_->Finish(Claim().GetTicket(), {});
    EXPECT_EQ("1", Ask({{"needs-person", "true"}}));
    EXPECT_EQ("1", Ask({{"needs-person", "true"}, {"label", "none"}}));
    EXPECT_EQ("0", Ask({{"needs-person", "true"}, {"label", "any"}}));
    EXPECT_EQ("400", Ask({{"needs-person", "true"}, {"state", "done"}}));
    EXPECT_EQ("400", Ask({{"label", "mutant"}}));
  }

  TEST_F(RouteTest, WhoWithdrawsALabelSaysInAHeaderWhichOneWasSeen)
  {
    const std::string path = std::string("cases/") + STUDY + "/label";
    const std::string body = R"({"genotype": "altered", "assay": "ihc", "site": "Bonn", "pre_operative": true,
      "split": "development", "annotator": "A"})";
    const Json::Value stored = Protocol::ParseJson(Send(Method::Put, path, body).body)["stored"];
    Request request;
    request.method = Method::Delete;
    request.path = path;

    for (const char* const seen : {"none", "2.25.9"})
    {
      request.headers["h3k27m-replaces"] = seen;
      const Answer conflict = router_.Handle(request);
      EXPECT_EQ(409, conflict.status);
      EXPECT_EQ(stored, Protocol::ParseJson(conflict.body)["label"]["stored"]);
    }

    request.headers["h3k27m-replaces"] = stored["sop_instance_uid"].asString();
    EXPECT_EQ(200, router_.Handle(request).status);
  }

  TEST_F(RouteTest, LabelsComeAndGoAsCsv)
  {
    const std::string header = "study,genotype,assay,site,pre_operative,split,annotator\n";
    const std::string csv = header + STUDY + ",altered,ihc,Bonn,true,external,A\nS0,altered,ihc,Bonn,true,external,A\n";
    EXPECT_EQ(415, Send(Method::Post, "labels", csv).status);
    EXPECT_EQ(400, Send(Method::Post, "labels", "study\n", "text/csv").status);
    const Json::Value plan = Protocol::ParseJson(Send(Method::Post, "labels/dry-run", csv, "text/csv").body);
    EXPECT_TRUE(plan["dry_run"].asBool());
    EXPECT_EQ(1u, plan["changed"].asUInt());
    EXPECT_EQ(0u, store_->GetLabels().Count());
    const Json::Value report = Protocol::ParseJson(Send(Method::Post, "labels", csv, "text/csv").body);
    EXPECT_EQ(1u, report["ok"].asUInt());
    EXPECT_EQ(1u, report["changed"].asUInt());
    EXPECT_EQ(1u, report["refused"].asUInt());
    EXPECT_EQ("changed", report["lines"][0]["change"].asString());
    EXPECT_EQ("refused", report["lines"][1]["result"].asString());
    EXPECT_EQ(3u, report["lines"][1]["line"].asUInt());
    EXPECT_EQ("administrator", store_->ListAudit({STUDY, 0, 1}).at(0).role) << "who changed this study";

    const Answer exported = Send(Method::Get, "labels");
    EXPECT_EQ("text/csv; charset=utf-8", exported.contentType);
    EXPECT_THAT(exported.body, testing::HasSubstr(STUDY));
    EXPECT_FALSE(exported.headers.contains("Link"));
  }

  TEST_F(RouteTest, ComparesOnlyRunsThatAreDoneAndMeasuredSomething)
  {
    const auto AddRun = [this](const std::string& id, const std::string& kind, bool isDone)
    {
      WorkState::Run run;
      run.id = id;
      run.kind = kind;
      run.requestJson = "{}";
      store_->GetRuns().Insert(run);
      if (isDone)
      {
        ASSERT_EQ(id, store_->GetRuns().Claim("test", LEASE, 10)->id);
        store_->GetRuns().Finish(id, "test", WorkState::RunState::Done, "", "{}");
      }
    };
    AddRun("one", "cross-validate", true);
    AddRun("two", "cross-validate", true);
    AddRun("data", "snapshot", true);
    AddRun("waiting", "cross-validate", false);
    const auto Ask = [this](std::map<std::string, std::string> query)
    {
      Request request;
      request.path = "runs/compare";
      request.query = std::move(query);
      const Answer answer = router_.Handle(request);
      return std::to_string(answer.status) + " " + Protocol::ParseJson(answer.body)["Details"].asString();
    };
    EXPECT_EQ("404 There is no run 'nobody'", Ask({{"a", "one"}, {"b", "nobody"}}));
    EXPECT_EQ("409 The run waiting is not done, it is queued", Ask({{"a", "waiting"}, {"b", "one"}}));
    EXPECT_EQ("400 The run data is a snapshot: it trains and measures nothing", Ask({{"a", "one"}, {"b", "data"}}));
    EXPECT_EQ("400 Name two different runs", Ask({{"a", "one"}, {"b", "one"}}));
    EXPECT_EQ("400 The query must name two runs, a and b", Ask({{"a", "one"}}));
    EXPECT_EQ("400 Unknown query parameter 'c'", Ask({{"a", "one"}, {"b", "two"}, {"c", "three"}}));
    EXPECT_EQ("503", Ask({{"a", "one"}, {"b", "two"}}).substr(0, 3)) << "here is no engine";
  }

  TEST_F(RouteTest, ModelsComeInAsAZipOnlyAndGoOutUnderASafeName)
  {
    EXPECT_EQ(415, Send(Method::Post, "models", "{}").status);
    EXPECT_EQ(400, Send(Method::Post, "models", "no archive", "application/zip").status);
    EXPECT_EQ(400, Send(Method::Post, "models", std::string(1001, 'x'), "application/zip").status);
    EXPECT_EQ(404, Send(Method::Get, "models/nobody/archive").status);

    const std::filesystem::path folder = folder_.GetPath() / "uploads" / "a \"b\"\r\nX: 1";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "card.json") << "{}";
    std::ofstream(folder / "model.safetensors") << "weights";
    const Answer answer = Send(Method::Get, "models/" + folder.filename().string() + "/archive");
    EXPECT_EQ(200, answer.status) << answer.body;
    EXPECT_EQ("application/zip", answer.contentType);
    EXPECT_EQ("attachment; filename=\"a__b___X__1.zip\"", answer.headers.at("Content-Disposition"));
  }

  TEST_F(RouteTest, AReviewIsAddedShownAndFilteredBy)
  {
    RequestTriage();
    const std::string path = std::string("cases/") + STUDY + "/review";
    EXPECT_EQ(404, Send(Method::Get, path).status);
    EXPECT_EQ(400, Send(Method::Post, path, R"({"decision": "accepted"})").status);
    EXPECT_EQ(405, Send(Method::Delete, path).status);

    const std::string body =
      R"({"decision": "uncertain", "reason": "motion", "reviewer": "Li^Wei", "organisation": "Bonn"})";
    const Answer added = Send(Method::Post, path, body);
    ASSERT_EQ(200, added.status) << added.body;
    const Json::Value review = Protocol::ParseJson(added.body);
    EXPECT_EQ(review, Protocol::ParseJson(Send(Method::Get, path).body));
    EXPECT_EQ(review, Protocol::ParseJson(Send(Method::Get, std::string("cases/") + STUDY).body)["review"]);
    EXPECT_EQ(review, Protocol::ParseJson(Send(Method::Get, "cases").body)["cases"][0]["review"]);

    Request request;
    request.path = "cases";
    request.query["reviewed"] = "true";
    EXPECT_EQ(1u, Protocol::ParseJson(router_.Handle(request).body)["total"].asUInt());
    request.query["reviewed"] = "false";
    EXPECT_EQ(0u, Protocol::ParseJson(router_.Handle(request).body)["total"].asUInt());

    const Answer second = Send(Method::Post, path, body);
    EXPECT_EQ(409, second.status);
    const Json::Value conflict = Protocol::ParseJson(second.body);
    EXPECT_EQ(409, conflict["HttpStatus"].asInt());
    EXPECT_EQ(review, conflict["review"]);
    EXPECT_EQ("", conflict["result"].asString());
    EXPECT_EQ(Json::Value(""), conflict["mask"]);
  }
}
