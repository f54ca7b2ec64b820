// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
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
                    [](const Request&, const PathParameters&) { return Answer::FromJson("gone"); });
        router_.Add(Method::Post, "labels",
                    [](const Request&, const PathParameters&) { return Answer::FromJson("taken"); }, "text/csv");
      }

      Router router_;
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
    EXPECT_EQ(405, router_.Handle(MakePost("cases/abc")).status);
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
    request.headers["host"] = "pacs:8042";
    request.headers["origin"] = "http://evil.example";
    EXPECT_EQ(403, router_.Handle(request).status);

    request.headers["origin"] = "http://pacs:8042";
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

  TEST_F(RouterTest, ARouteMayWantAnotherContentType)
  {
    Request request = MakePost("labels");
    EXPECT_EQ(415, router_.Handle(request).status);
    request.headers["content-type"] = "text/csv; charset=utf-8";
    EXPECT_EQ(200, router_.Handle(request).status);
    request.path = "cases/abc/triage";
    EXPECT_EQ(415, router_.Handle(request).status);
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
