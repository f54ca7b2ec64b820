// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Rest/MaskParameters.h"
#include "Plugin/Rest/Router.h"
#include "Plugin/Rest/TaskJson.h"

#include <gmock/gmock.h>

namespace H3K27M::Rest
{
  namespace
  {
    Request MakePost(const std::string& path)
    {
      Request request;
      request.method = Method::Post;
      request.path = path;
      request.headers["content-type"] = "application/json";
      return request;
    }

    Request MakeGet(const std::string& path)
    {
      Request request;
      request.path = path;
      return request;
    }

    class RouterTest : public testing::Test
    {
    protected:
      RouterTest()
      {
        router_.Add(Method::Get, "cases/{study}",
                    [](const Request&, const PathParameters& path) { return Answer::FromJson(path.at("study")); });
        router_.Add(Method::Post, "cases/{study}/triage", [](const Request&, const PathParameters&) -> Answer
        { throw Error(ErrorCode::Conflict, "it runs"); });
        router_.Add(Method::Get, "broken",
                    [](const Request&, const PathParameters&) -> Answer { throw std::runtime_error("secret"); });
        router_.Add(Method::Delete, "cases/{study}/label",
                    [](const Request&, const PathParameters&) { return Answer::FromJson("gone"); }, {});
        router_.Add(Method::Post, "labels",
                    [](const Request&, const PathParameters&) { return Answer::FromJson("taken"); }, {"text/csv"});
      }

      // Orthanc of this machine alone: whoever reaches it is administrator.
      AccessPolicy access_{{}, {false, false}};
      std::vector<WorkState::AuditEntry> audit_;
      Router router_{access_, [this](const WorkState::AuditEntry& entry) { audit_.push_back(entry); }};
    };
  }

  TEST_F(RouterTest, HandsThePathParameterOn)
  {
    EXPECT_EQ("\"abc\"\n", router_.Handle(MakeGet("cases/abc")).body);
    EXPECT_EQ("\"abc\"\n", router_.Handle(MakeGet("cases/abc/")).body);
  }

  TEST_F(RouterTest, TellsUnknownResourceFromUnknownMethod)
  {
    EXPECT_EQ(404, router_.Handle(MakeGet("nothing")).status);
    const Answer answer = router_.Handle(MakePost("cases/abc"));
    EXPECT_EQ(405, answer.status);
    EXPECT_EQ("GET", answer.headers.at("Allow"));
  }

  TEST_F(RouterTest, AnErrorHasOrthancsShape)
  {
    const Answer answer = router_.Handle(MakePost("cases/abc/triage"));
    const Json::Value json = Protocol::ParseJson(answer.body);
    EXPECT_EQ(409, answer.status);
    EXPECT_EQ(409, json["HttpStatus"].asInt());
    EXPECT_EQ("it runs", json["Details"].asString());
    EXPECT_EQ("/h3k27m/cases/abc/triage", json["Uri"].asString());
  }

  TEST_F(RouterTest, AnUnexpectedExceptionTellsNothingOfTheInside)
  {
    const Answer answer = router_.Handle(MakeGet("broken"));
    EXPECT_EQ(500, answer.status);
    EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("secret")));
  }

  TEST_F(RouterTest, RefusesChangesFromAForeignPage)
  {
    Request request = MakePost("cases/abc/triage");
    request.headers["host"] = "localhost:8042";
    request.headers["origin"] = "http://evil.example";
    EXPECT_EQ(403, router_.Handle(request).status);

    request.headers["origin"] = "http://localhost:8042";
    EXPECT_EQ(409, router_.Handle(request).status);
  }

  TEST_F(RouterTest, RefusesChangesThatAFormCouldSend)
  {
    Request request = MakePost("cases/abc/triage");
    request.headers["content-type"] = "text/plain";
    EXPECT_EQ(415, router_.Handle(request).status);
    request.headers.erase("content-type");
    EXPECT_EQ(415, router_.Handle(request).status);
  }

  TEST_F(RouterTest, ADeletionHasNoBodyAndNeedsNoContentType)
  {
    Request request;
    request.method = Method::Delete;
    request.path = "cases/abc/label";
    EXPECT_EQ(200, router_.Handle(request).status);
    request.headers["host"] = "pacs:8042";
    request.headers["origin"] = "http://evil.example";
    EXPECT_EQ(403, router_.Handle(request).status);
  }

  TEST_F(RouterTest, WhatMayNotBeDoneIsNotDoneAndWrittenDown)
  {
    Settings::AccessSettings settings;
    settings.roles = {{"reader", Settings::Role::Annotator}, {"chief", Settings::Role::Administrator}};
    const AccessPolicy policy(settings, {true, true});
    Router router(policy, [this](const WorkState::AuditEntry& entry) { audit_.push_back(entry); });
    unsigned calls = 0;
    const auto count = [&calls](const Request&, const PathParameters&)
    {
      calls++;
      return Answer::FromJson("ok");
    };
    router.Add(Method::Put, "cases/{study}/label", count);
    router.Add(Method::Post, "nobody/declared/this", count);

    const auto send = [&router](Method method, const std::string& path, const std::string& credentials)
    {
      Request request = MakePost(path);
      request.method = method;
      request.headers["authorization"] = "Basic " + credentials;
      return router.Handle(request);
    };
    const Answer refused = send(Method::Put, "cases/1a-2b/label", "Z3Vlc3Q6eA==");  // guest:x
    EXPECT_EQ(403, refused.status);
    EXPECT_EQ("annotator", Protocol::ParseJson(refused.body)["RequiredRole"].asString());
    EXPECT_EQ("viewer", Protocol::ParseJson(refused.body)["Role"].asString());
    EXPECT_EQ(0u, calls);
    EXPECT_EQ(200, send(Method::Put, "cases/1a-2b/label", "cmVhZGVyOng=").status);  // reader:x
    EXPECT_EQ(403, send(Method::Post, "nobody/declared/this", "cmVhZGVyOng=").status);
    EXPECT_EQ(200, send(Method::Post, "nobody/declared/this", "Y2hpZWY6eA==").status);  // chief:x
    EXPECT_EQ(2u, calls);

    ASSERT_EQ(4u, audit_.size());
    EXPECT_EQ("guest", audit_[0].who);
    EXPECT_EQ("viewer", audit_[0].role);
    EXPECT_EQ("putLabel", audit_[0].what);
    EXPECT_EQ("1a-2b", audit_[0].subject);
    EXPECT_EQ("refused", audit_[0].outcome);
    EXPECT_EQ("done", audit_[1].outcome);
    EXPECT_EQ("refused", audit_[2].outcome);
  }

  TEST_F(RouterTest, OfReadingWhatLeavesTheHouseIsWrittenDownAndWhatIsRefused)
  {
    Settings::AccessSettings settings;
    settings.roles = {{"reader", Settings::Role::None}, {"tom", Settings::Role::Trainer}};
    const AccessPolicy policy(settings, {true, true});
    Router router(policy, [this](const WorkState::AuditEntry& entry) { audit_.push_back(entry); });

    for (const char* pattern : {"status", "cases/{study}", "labels", "models/{name}/archive", "audit"})
    {
      router.Add(Method::Get, pattern, [](const Request&, const PathParameters&) { return Answer::FromJson("ok"); });
    }

    router.Add(Method::Get, "runs/{run}/artifacts/{path*}", [](const Request&, const PathParameters& path)
    {
      Answer answer = Answer::FromJson("ok");
      answer.note.isAudited = path.at("path") == "model.safetensors";
      return answer;
    });

    const auto get = [&router](const std::string& path, const std::string& credentials)
    {
      Request request = MakeGet(path);
      request.headers["authorization"] = "Basic " + credentials;
      router.Handle(request);
    };
    const std::string reader = "cmVhZGVyOng=";  // reader:x
    const std::string tom = "dG9tOng=";         // tom:x
    get("status", tom);
    get("cases/1a-2b", tom);
    get("runs/7/artifacts/report/index.html", tom);
    EXPECT_TRUE(audit_.empty()) << "what the dashboard asks for every few seconds";

    get("labels", tom);
    get("models/paper/archive", tom);
    get("runs/7/artifacts/model.safetensors", tom);
    get("audit", tom);
    get("cases/1a-2b", reader);
    std::vector<std::string> entries;

    for (const WorkState::AuditEntry& entry : audit_)
    {
      entries.push_back(entry.who + " " + entry.what + " " + entry.subject + " " + entry.outcome);
    }

    EXPECT_THAT(entries,
                testing::ElementsAre("tom exportLabels  done", "tom downloadModel paper done", "tom getArtifact 7 done",
                                     "tom listAudit  refused", "reader getCase 1a-2b refused"));
  }

  TEST_F(RouterTest, WhatTheArchiveOffersOfOursIsForWhomTheRouteIs)
  {
    Settings::AccessSettings settings;
    settings.roles = {{"reader", Settings::Role::Annotator}, {"tom", Settings::Role::Trainer}};
    const AccessPolicy policy(settings, {true, true});
    Router router(policy, [this](const WorkState::AuditEntry& entry) { audit_.push_back(entry); });
    router.Add(Method::Post, "runs/{run}/cancel", [](const Request&, const PathParameters&) -> Answer
    { throw Error(ErrorCode::Internal, "it is only asked for, not used"); });

    Request request = MakePost("runs/one/cancel");
    request.headers.erase("content-type");  // a filter sees no body
    EXPECT_FALSE(router.Permits(request));
    request.headers["authorization"] = "Basic cmVhZGVyOng=";  // reader:x
    EXPECT_FALSE(router.Permits(request));
    request.headers["authorization"] = "Basic dG9tOng=";  // tom:x
    EXPECT_TRUE(router.Permits(request));
    request.headers["host"] = "pacs:8042";
    request.headers["origin"] = "http://evil.example";
    EXPECT_FALSE(router.Permits(request));
    EXPECT_FALSE(router.Permits(MakePost("nothing")));

    ASSERT_EQ(3u, audit_.size()) << "what is only looked at leaves no entry";
    EXPECT_EQ("refused", audit_[1].outcome);
    EXPECT_EQ("reader", audit_[1].who);
    EXPECT_EQ("cancelRun", audit_[1].what);
    EXPECT_EQ("one", audit_[1].subject);
    EXPECT_EQ("tom", audit_[2].who);
    EXPECT_EQ("refused", audit_[2].outcome) << "a page of another origin";
  }

  TEST_F(RouterTest, AnAnswerComesAlsoWhenTheAuditCannotBeWritten)
  {
    Router router(access_, [](const WorkState::AuditEntry&) { throw Error(ErrorCode::Unavailable, "no database"); });
    router.Add(Method::Post, "labels", [](const Request&, const PathParameters&) { return Answer::FromJson("taken"); });
    EXPECT_EQ(200, router.Handle(MakePost("labels")).status);
  }

  TEST_F(RouterTest, ARouteMayTakeAllThatIsLeftOfAPath)
  {
    router_.Add(Method::Get, "runs/{run}/artifacts/{path*}", [](const Request&, const PathParameters& path)
    { return Answer::FromJson(path.at("run") + ":" + path.at("path")); });
    EXPECT_THAT(router_.Handle(MakeGet("runs/7/artifacts/report/index.html")).body,
                testing::HasSubstr("7:report/index.html"));
    EXPECT_EQ(404, router_.Handle(MakeGet("runs/7/artifacts")).status);
    EXPECT_EQ("GET runs/{run}/artifacts/{path}", router_.ListRoutes().back());
  }

  TEST_F(RouterTest, ARouteTakesTheTypesThatItNames)
  {
    const auto ok = [](const Request&, const PathParameters&) { return Answer::FromJson("ok"); };
    router_.Add(Method::Put, "cases/{study}/mask", ok, {"application/zip", "application/json"});
    router_.Add(Method::Delete, "cases/{study}/mask", ok, {});

    Request request = MakePost("cases/abc/mask");
    request.method = Method::Put;

    for (const auto& [type, status] : std::map<std::string, int>{{"application/zip", 200},
                                                                 {"Application/JSON; charset=utf-8", 200},
                                                                 {"application/dicom", 415},
                                                                 {"application/jsonp", 415},
                                                                 {"text/plain", 415}})
    {
      request.headers["content-type"] = type;
      EXPECT_EQ(status, router_.Handle(request).status) << type;
    }

    request.method = Method::Delete;
    request.headers.erase("content-type");
    EXPECT_EQ(200, router_.Handle(request).status) << "no form can send this";
    request.headers["origin"] = "http://evil.example";
    EXPECT_EQ(403, router_.Handle(request).status);
  }

  TEST_F(RouterTest, ARouteMayWantAnotherContentType)
  {
    Request request = MakePost("labels");
    EXPECT_EQ(415, router_.Handle(request).status);
    request.headers["content-type"] = "text/csv; charset=utf-8";
    EXPECT_EQ(200, router_.Handle(request).status);
    request.path = "cases/abc/triage";
    EXPECT_EQ(415, router_.Handle(request).status);
  }

  TEST(MaskParameters, ComeByQueryAndByHeader)
  {
    Request request = MakeGet("cases/abc/mask");
    request.query["label"] = "2";
    request.headers["h3k27m-creator"] = "%E5%BC%A0%5EOne";
    EXPECT_EQ((MaskParameters{{"label", "2"}, {"creator", "\xe5\xbc\xa0^One"}}), ParseMaskParameters(request));

    request.headers["h3k27m-label"] = "3";
    EXPECT_THROW(ParseMaskParameters(request), Error) << "given twice and differently";
    request.headers = {{"h3k27m-colour", "red"}};
    EXPECT_THROW(ParseMaskParameters(request), Error);
  }

  TEST(MaskParameters, TheBodyIsToldByItsTypeOrItsFirstBytes)
  {
    using Kind = Masks::MaskUpload::Kind;
    const auto tell = [](const std::string& type, const std::string& body)
    {
      Request request = MakePost("cases/abc/mask");
      request.headers["content-type"] = type;
      request.body = body;
      return ParseMaskUpload(request).kind;
    };
    EXPECT_EQ(Kind::LabelMeDocuments, tell("application/json", R"({"shapes": []})"));
    EXPECT_EQ(Kind::Segmentation, tell("application/json", R"({"segmentation": "abc", "segment": 2})"));
    EXPECT_EQ(Kind::RtStruct, tell("application/dicom", ""));
    EXPECT_EQ(Kind::LabelMeArchive, tell("application/octet-stream", "PK\3\4"));
    EXPECT_EQ(Kind::Nifti, tell("application/octet-stream", "\x1f\x8b"));
    EXPECT_EQ(Kind::RtStruct, tell("application/octet-stream", std::string(128, '\0') + "DICM more"));
    EXPECT_THROW(tell("application/octet-stream", "text"), Error);
    EXPECT_THROW(tell("application/json", R"({"segmentation": "abc", "colour": "red"})"), Error);
    EXPECT_THROW(tell("application/json", R"({"segmentation": "abc", "segment": "0"})"), Error);
  }

  TEST(TaskQuery, NamesTheParameterThatIsWrong)
  {
    const auto reason = [](const std::string& name, const std::string& value) -> std::string
    {
      Request request;
      request.query[name] = value;

      try
      {
        ParseTaskQuery(request);
        return "accepted";
      }
      catch (const Error& e)
      {
        return e.what();
      }
    };

    EXPECT_THAT(reason("limit", "0"), testing::HasSubstr("limit"));
    EXPECT_THAT(reason("limit", "1001"), testing::HasSubstr("limit"));
    EXPECT_THAT(reason("limit", "-1"), testing::HasSubstr("limit"));
    EXPECT_THAT(reason("offset", "x"), testing::HasSubstr("offset"));
    EXPECT_THAT(reason("state", "done,lost"), testing::HasSubstr("lost"));
    EXPECT_THAT(reason("order", "name"), testing::HasSubstr("order"));
    EXPECT_THAT(reason("minimum-probability", "nan"), testing::HasSubstr("minimum-probability"));
    EXPECT_THAT(reason("colour", "red"), testing::HasSubstr("colour"));
    EXPECT_EQ("accepted", reason("state", "done,failed"));
  }
}
